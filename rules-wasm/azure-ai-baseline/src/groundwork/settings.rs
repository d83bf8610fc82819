//! Settings that rules of more than one topic read; what only one subject reads stands beside it.

use postern_rules_sdk::{Setting, SettingKind};

const NAME_AND_VALUE: &str = "^[^=]+=.+$";

/// How wide an allowed address range may be.
pub static MINIMUM_PREFIX_LENGTH: Setting = Setting {
    name: "minimumPrefixLength",
    description: "The shortest prefix, in bits, that a network rule may allow; a shorter one is too wide a range. 8 is the largest block that a single organisation holds.",
    kind: SettingKind::Integer { default: 8, least: 1, most: 128 },
};

/// How old a key may become.
pub static KEY_ROTATION_DAYS: Setting = Setting {
    name: "keyRotationDays",
    description: "After how many days keys have to be regenerated. Azure's activity log can be read for 89 days, so that a longer time cannot be checked; 90 is checked as 89.",
    kind: SettingKind::Integer { default: 89, least: 1, most: 90 },
};

/// Where keys are tolerated.
pub static KEYS_TOLERATED_TAGS: Setting = Setting {
    name: "keysToleratedTags",
    description: "Tags, as name=value, of the environments in which keys are tolerated, such as environment=sandbox. Empty: nowhere.",
    kind: SettingKind::Texts { default: &[], pattern: NAME_AND_VALUE },
};

/// What is production.
pub static PRODUCTION_TAGS: Setting = Setting {
    name: "productionTags",
    description: "Tags, as name=value, that mark a resource as production; some rules are about production only.",
    kind: SettingKind::Texts {
        default: &["environment=production", "environment=prod", "env=production", "env=prod"],
        pattern: NAME_AND_VALUE,
    },
};

/// Where data may be.
pub static APPROVED_REGIONS: Setting = Setting {
    name: "approvedRegions",
    description: "Azure regions that may hold AI resources, by name, such as swedencentral. Empty: the organisation has not limited them.",
    kind: SettingKind::Texts { default: &[], pattern: "^[a-z0-9]+$" },
};

/// Wildcards that an organisation accepts.
pub static APPROVED_OUTBOUND_WILDCARDS: Setting = Setting {
    name: "approvedOutboundWildcards",
    description: "Host names with a wildcard, such as *.pypi.org, that outbound rules of a managed network may name. Empty: none.",
    kind: SettingKind::Texts { default: &[], pattern: "^[^\\s/]*\\*[^\\s/]*$" },
};
