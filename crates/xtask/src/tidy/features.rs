//! Two cargo features in the whole workspace, in one crate: each more doubles what has to be built and tested.

use super::Problem;
use super::dependencies::Graph;

const OWNER: &str = "postern-frontend";
const FEATURES: [&str; 2] = ["ssr", "hydrate"];

pub fn problems(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in graph.packages() {
        for feature in package.features.keys() {
            if package.name != OWNER || !FEATURES.contains(&feature.as_str()) {
                problems.push(Problem::in_file(
                    &package.name,
                    format!("has the cargo feature `{feature}`: there are only `ssr` and `hydrate`, in {OWNER}"),
                ));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_third_feature_is_refused() {
        for (package, feature, broken) in [
            ("postern-frontend", "ssr", 0),
            ("postern-frontend", "hydrate", 0),
            ("postern-frontend", "default", 1),
            ("postern-store", "ssr", 1),
        ] {
            let graph: Graph = serde_json::from_value(json!({"packages": [
                {"name": package, "features": {feature: []}, "dependencies": []},
            ]}))
            .unwrap();
            assert_eq!(problems(&graph).len(), broken, "{package} {feature}");
        }
    }
}
