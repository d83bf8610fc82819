// An OpenID provider for tests: npm `oidc-provider`, which is certified, with the people of a small organisation.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Provider } from "oidc-provider";

export const CLIENT = "postern";
export const SECRET = randomBytes(16).toString("hex");

const PEOPLE = {
  nora: { name: "Nora Klein", groups: ["claims"] },
  lena: { name: "Lena Brandt", groups: ["claims", "risk"] },
  amal: { name: "Amal Ruiz", groups: ["risk"] },
  jonas: { name: "Jonas Okafor", groups: ["audit", "canteen"] },
  guest: { name: "A guest", groups: ["canteen"] },
};

/** Starts the provider; people are sent back to `callback`. */
export async function startProvider(callback) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: "key-1", use: "sig", alg: "RS256" };
  const settings = {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        redirect_uris: [callback],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    findAccount: (_context, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
    // Groups come with the profile, and in the ID token, as Entra ID has them.
    claims: { openid: ["sub"], profile: ["name", "groups"], email: ["email"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    jwks: { keys: [key] },
    // A server that is some days ahead believes what is signed now.
    ttl: { IdToken: 100 * 86_400, AccessToken: 3_600 },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    interactions: { url: (_context, interaction) => `/who/${interaction.uid}` },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
    loadExistingGrant: grantAll,
  };
  // The issuer holds the port, which is known only once it listens.
  const { createServer } = await import("node:http");
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, settings);
  provider.use(askWho(provider));
  server.on("request", provider.callback());
  return { issuer, stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))) };
}

/** Nobody is asked what Postern may know. */
async function grantAll(context) {
  const { client, session, provider, requestParamScopes } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...requestParamScopes].join(" "));
  await grant.save();
  return grant;
}

/** A page with a link for each person, and one for who changes their mind. */
function askWho(provider) {
  return async (context, next) => {
    if (!context.path.startsWith("/who/")) {
      return next();
    }
    const who = context.query.as;
    if (who === undefined) {
      context.type = "html";
      const links = [...Object.keys(PEOPLE), "nobody"].map((id) => `<li><a href="?as=${id}">${id}</a></li>`);
      context.body = `<!doctype html><html lang="en"><title>Who?</title><ul>${links.join("")}</ul></html>`;
      return;
    }
    context.respond = false;
    const result = PEOPLE[who]
      ? { login: { accountId: who } }
      : { error: "access_denied", error_description: "<script>alert(1)</script>" };
    await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
  };
}
