//! Channels of a bot: the ways on which users reach it.

use postern_rules_sdk::{
    AssetContext, BOT_SERVICE, Check, Evidence, Node, Outcome, Read, Remedy, Rule, Severity, Topic,
    Unreadable, Words, fact,
};

use super::sources::{BOT_SCHEMA, ENHANCED_AUTHENTICATION};

const SOURCE: &str = "Channels_ListByResourceGroup 2022-09-15";
const SITES: &str = "properties.properties.sites";
const SECURE_ABSENT: &str = "not documented: it is not said to be on";
const ORIGINS_ABSENT: &str = "no origin is configured: whoever asks for a token names the origins";

/// AUTH-29.
pub static DIRECT_LINE: Rule = Rule {
    id: "AUTH-29",
    title: "The bot's channels are secure",
    topic: Topic::Authentication,
    severity: Severity::Medium,
    severity_reason: "our own judgement: a user can pass as another one, but only towards this bot",
    rationale: "Without enhanced authentication a client of Direct Line says itself which user it is, so that one user can pass as another. \
                With it, user ids are bound to the token and only trusted origins may host the chat; new clients need version 3 of the protocol only.",
    asset_types: &[BOT_SERVICE],
    exceptions: &[
        "Bots without an enabled site of Direct Line.",
        "Web Chat: Azure documents enhanced authentication for Direct Line only.",
    ],
    never: &[],
    reads: &[
        Read {
            path: "channels[].properties.channelName",
            source: SOURCE,
            absent: "not documented: Azure requires it",
        },
        Read {
            path: "channels[].properties.properties.isEnabled",
            source: SOURCE,
            absent: "not documented: the schema of this channel has it for its sites only; taken as enabled",
        },
        Read {
            path: "channels[].properties.properties.sites[].isEnabled",
            source: SOURCE,
            absent: "not documented: Azure requires it; taken as enabled",
        },
        Read {
            path: "channels[].properties.properties.sites[].isSecureSiteEnabled",
            source: SOURCE,
            absent: SECURE_ABSENT,
        },
        Read {
            path: "channels[].properties.properties.sites[].trustedOrigins",
            source: SOURCE,
            absent: ORIGINS_ABSENT,
        },
        Read {
            path: "channels[].properties.properties.sites[].isV1Enabled",
            source: SOURCE,
            absent: "not documented: Azure requires it",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Turn on enhanced authentication for each site of Direct Line, list the origins that host the chat, and turn version 1 off.",
        az: Some(
            "az bot directline update --name $NAME --resource-group <group> --enable-enhanced-auth true --trusted-origins https://www.example.com --disablev1 true",
        ),
        bicep: Some(
            "resource channel 'Microsoft.BotService/botServices/channels@2022-09-15' = {\n  parent: bot\n  name: 'DirectLineChannel'\n  location: 'global'\n  properties: {\n    channelName: 'DirectLineChannel'\n    properties: {\n      sites: [\n        {\n          siteName: 'Default Site'\n          isEnabled: true\n          isV1Enabled: false\n          isV3Enabled: true\n          isSecureSiteEnabled: true\n          trustedOrigins: [ 'https://www.example.com' ]\n        }\n      ]\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_bot_channel_directline\" \"this\" {\n  site {\n    name                            = \"default\"\n    enabled                         = true\n    v1_allowed                      = false\n    v3_allowed                      = true\n    enhanced_authentication_enabled = true\n    trusted_origins                 = [\"https://www.example.com\"]\n  }\n}",
        ),
        portal: Some(
            "The bot > Settings > Channels > Direct Line > the site > Enhanced authentication options",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[ENHANCED_AUTHENTICATION, BOT_SCHEMA],
    judge: direct_line,
};

/// AUTH-30.
pub static EMAIL: Rule = Rule {
    id: "AUTH-30",
    title: "The bot's email channel signs in without a password",
    topic: Topic::Authentication,
    severity: Severity::Low,
    severity_reason: "our own judgement: the password opens one mailbox",
    rationale: "An email channel with a password keeps the password of a mailbox, which opens that mailbox to whoever lists the channel's secrets. \
                With Graph the channel holds a consent that can be revoked.",
    asset_types: &[BOT_SERVICE],
    exceptions: &["Bots without an enabled email channel."],
    never: &[],
    reads: &[
        Read {
            path: "channels[].properties.channelName",
            source: SOURCE,
            absent: "not documented: Azure requires it",
        },
        Read {
            path: "channels[].properties.properties.isEnabled",
            source: SOURCE,
            absent: "not documented: Azure requires it; taken as enabled",
        },
        Read {
            path: "channels[].properties.properties.authMethod",
            source: SOURCE,
            absent: "0: a password",
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Sign the channel in with modern authentication, and change the mailbox's password.",
        az: Some(
            "az resource update --ids $ID/channels/EmailChannel --set properties.properties.authMethod=1 properties.properties.magicCode=<code>",
        ),
        bicep: Some(
            "resource channel 'Microsoft.BotService/botServices/channels@2022-09-15' = {\n  parent: bot\n  name: 'EmailChannel'\n  location: 'global'\n  properties: {\n    channelName: 'EmailChannel'\n    properties: {\n      isEnabled: true\n      emailAddress: 'bot@example.com'\n      authMethod: 1\n      magicCode: magicCode\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azapi_update_resource\" \"email\" {\n  type        = \"Microsoft.BotService/botServices/channels@2022-09-15\"\n  resource_id = \"${azurerm_bot_service_azure_bot.this.id}/channels/EmailChannel\"\n  body = {\n    properties = {\n      channelName = \"EmailChannel\"\n      properties = {\n        isEnabled    = true\n        emailAddress = \"bot@example.com\"\n        authMethod   = 1\n        magicCode    = var.magic_code\n      }\n    }\n  }\n}",
        ),
        portal: Some("The bot > Settings > Channels > Email > Sign in with modern authentication"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[BOT_SCHEMA],
    judge: email,
};

fn direct_line(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The sites of Direct Line use enhanced authentication and trusted origins.",
        fail: "Sites of Direct Line are not secure.",
        none: "The bot has no enabled site of Direct Line.",
    };
    asset.related(fact::CHANNELS)?.every(words, |channel| {
        if !is_channel(channel, "DirectLineChannel")? {
            return Ok(Check::Skip);
        }
        let sites = channel.list(SITES)?;
        if sites.is_absent() {
            return Err(Unreadable::new(
                sites.expected("the sites"),
                "Azure's answer does not show the sites.",
            ));
        }
        let (mut good, mut bad, mut unreadable) = (None, Vec::new(), None);
        for site in sites.entries().nodes() {
            // What does not say that it is off is on.
            if site.flag("isEnabled")?.value == Some(false) {
                continue;
            }
            match wrong_with(&site) {
                Ok(wrong) if wrong.is_empty() => {
                    good = Some(site.flag("isSecureSiteEnabled")?.expected("true"));
                }
                Ok(wrong) => bad.extend(wrong),
                Err(error) => unreadable = unreadable.or(Some(error)),
            }
        }
        match (good, unreadable) {
            _ if !bad.is_empty() => Ok(Check::Bad(bad)),
            (_, Some(error)) => Err(error),
            (Some(evidence), None) => Ok(Check::Good(evidence)),
            (None, None) => Ok(Check::Skip),
        }
    })
}

/// What is not secure on a site.
fn wrong_with(site: &Node<'_>) -> Result<Vec<Evidence>, Unreadable> {
    let mut wrong = Vec::new();
    let secure = site.flag("isSecureSiteEnabled")?;
    if secure.is_true() {
        let origins = site.list("trustedOrigins")?;
        let listed = origins.value.unwrap_or_default();
        if listed.is_empty()
            || listed.iter().any(|origin| origin.as_str().is_some_and(|text| text.trim() == "*"))
        {
            wrong.push(
                origins.expected_or("the origins that host the chat, without *", ORIGINS_ABSENT),
            );
        }
    } else {
        wrong.push(secure.expected_or("true", SECURE_ABSENT));
    }
    let old = match site.flag("isV1Enabled") {
        Ok(old) => old,
        Err(error) if wrong.is_empty() => return Err(error),
        Err(_) => return Ok(wrong),
    };
    if old.is_true() {
        wrong.push(old.expected("false"));
    } else if old.is_absent() && wrong.is_empty() {
        let note = "Azure's answer does not say whether version 1 is on.";
        return Err(Unreadable::new(old.expected("false"), note));
    }
    Ok(wrong)
}

fn email(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The email channel signs in without a password.",
        fail: "The email channel signs in with a password.",
        none: "The bot has no enabled email channel.",
    };
    asset.related(fact::CHANNELS)?.every(words, |channel| {
        if !is_channel(channel, "EmailChannel")? {
            return Ok(Check::Skip);
        }
        let method = channel.integer("properties.properties.authMethod")?;
        Ok(Check::of(method.value == Some(1), method.expected_or("1 (Graph)", "0: a password")))
    })
}

/// Whether a channel is of this name, and not switched off as a whole.
fn is_channel(channel: &Node<'_>, name: &str) -> Result<bool, Unreadable> {
    let found = channel.text("properties.channelName")?;
    if found.is_absent() {
        return Err(Unreadable::new(
            found.expected("a channel's name"),
            "Azure's answer does not name the channel.",
        ));
    }
    Ok(found.is(name) && channel.flag("properties.properties.isEnabled")?.value != Some(false))
}
