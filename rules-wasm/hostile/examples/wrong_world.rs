//! A pack for a contract that nobody speaks yet.
#![expect(unsafe_code, reason = "exporting a function from WASM is unsafe by nature")]

#[expect(clippy::same_length_and_capacity, reason = "generated from the contract")]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package postern:rules@2.0.0;

            interface rule-pack {
                describe: func() -> string;
                judge: func(assets: list<string>) -> string;
            }

            world pack {
                export rule-pack;
            }
        ",
    });
}

struct Hostile;

impl bindings::exports::postern::rules::rule_pack::Guest for Hostile {
    fn describe() -> String {
        hostile::PACK.describe()
    }

    fn judge(assets: Vec<String>) -> String {
        assets.join(" ")
    }
}

bindings::export!(Hostile with_types_in bindings);
