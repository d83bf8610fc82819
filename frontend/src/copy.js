// Adds a button that copies to each element that says what it holds (`data-copy`). Without a script there is none.
for (const element of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${element.dataset.copy}`);
  said.className = "copied";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(element.textContent);
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(element);
      said.textContent = "Selected: copy it with the keyboard";
    }
  });
  element.after(button, said);
}
