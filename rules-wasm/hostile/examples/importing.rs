//! A pack that wants something of its host: a clock.
#![expect(unsafe_code, reason = "exporting a function from WASM is unsafe by nature")]

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package hostile:importing;

            interface clock {
                now: func() -> u64;
            }

            world pack {
                import clock;
                export describe: func() -> string;
            }
        ",
    });
}

struct Hostile;

impl bindings::Guest for Hostile {
    fn describe() -> String {
        bindings::hostile::importing::clock::now().to_string()
    }
}

bindings::export!(Hostile with_types_in bindings);
