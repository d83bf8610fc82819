//! Settings, from the command line and from the database.

use clap::Parser as _;
use postern_service::azure::Credential;
use serde_json::{Value, json};

use super::*;

const SUBSCRIPTION: &str = "5a0e0000-0000-4000-8000-000000000001";

#[derive(clap::Parser, Debug)]
struct Line {
    #[command(flatten)]
    azure: AzureArguments,
}

fn arguments(line: &[&str]) -> AzureArguments {
    Line::try_parse_from(std::iter::once(&"postern").chain(line)).unwrap().azure
}

fn variables() -> Variables {
    Variables::new(|name| {
        let is_there = ["POSTERN_AZURE_CLIENT_SECRET", "OTHER", "POSTERN_AZURE_PROXY_CREDENTIALS"]
            .contains(&name);
        is_there.then(|| format!("user:value of {name}"))
    })
}

fn resolver() -> Resolver {
    Resolver { variables: variables(), client_secret_file: None, ca_file: None }
}

fn stored(line: &[&str]) -> Value {
    serde_json::to_value(describe(&arguments(line), &variables()).unwrap().unwrap()).unwrap()
}

fn refused(line: &[&str]) -> String {
    describe(&arguments(line), &variables()).unwrap_err().to_string()
}

/// The flags that name an application, and more.
fn app<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["--azure-tenant-id=t", "--azure-client-id=c"].into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn what_the_first_version_stored_is_still_read() {
    let old = json!({
        "arm_endpoint": "https://management.azure.com/",
        "authority_host": "https://login.microsoftonline.com/",
        "credential": {"kind": "client-secret", "tenant_id": "t", "client_id": "c"},
        "subscriptions": [SUBSCRIPTION],
    });
    let settings = resolver().resolve(&read(&old).unwrap()).unwrap();
    assert_eq!(settings.scope.subscriptions, [SUBSCRIPTION]);
    let Credential::ClientSecret { secret, .. } = settings.credential else { panic!() };
    assert_eq!(secret.expose(), "user:value of POSTERN_AZURE_CLIENT_SECRET");

    for kind in ["workload-identity", "azure-cli", "developer-tools", "managed-identity"] {
        let mut old = old.clone();
        old["credential"] = json!({"kind": kind});
        old.as_object_mut().unwrap().remove("subscriptions");
        let settings = resolver().resolve(&read(&old).unwrap()).unwrap();
        assert!(settings.scope.subscriptions.is_empty(), "{kind}");
    }
    let mut old = old;
    old["credential"] = json!({"kind": "managed-identity", "client_id": "m"});
    let settings = resolver().resolve(&read(&old).unwrap()).unwrap();
    let Credential::ManagedIdentity { identity } = settings.credential else { panic!() };
    assert_eq!(identity, Identity::ClientId("m".into()));

    assert!(matches!(read(&json!({"simulated": true})), Err(SettingsError::Simulated)));
    assert!(matches!(read(&json!({"seed": 7})), Err(SettingsError::Unreadable(_))));
}

#[test]
fn only_places_of_secrets_are_stored() {
    let check = |line: &[&str], expected: Value| {
        let stored = stored(&app(line));
        assert_eq!(stored["credential"], expected, "{line:?}");
        assert!(!stored.to_string().contains("value of"), "{stored}");
        assert_eq!(serde_json::to_value(read(&stored).unwrap()).unwrap(), stored);
    };
    let environment = |name: &str| json!({"environment": name});
    check(
        &["--azure-credential=client-secret"],
        json!({"kind": "client-secret", "tenant_id": "t", "client_id": "c", "secret": environment("POSTERN_AZURE_CLIENT_SECRET")}),
    );
    check(
        &["--azure-credential=client-secret", "--azure-secret-variable=OTHER"],
        json!({"kind": "client-secret", "tenant_id": "t", "client_id": "c", "secret": environment("OTHER")}),
    );
    check(
        &["--azure-credential=client-secret", "--azure-client-secret-file=/run/secret"],
        json!({"kind": "client-secret", "tenant_id": "t", "client_id": "c", "secret": {"file": "/run/secret"}}),
    );
    check(
        &[
            "--azure-credential=client-certificate",
            "--azure-certificate-file=/run/app.pfx",
            "--azure-certificate-password-file=/run/password",
        ],
        json!({"kind": "client-certificate", "tenant_id": "t", "client_id": "c", "certificate_file": "/run/app.pfx", "password": {"file": "/run/password"}}),
    );
    check(
        &["--azure-credential=client-assertion", "--azure-token-file=/run/token"],
        json!({"kind": "client-assertion", "tenant_id": "t", "client_id": "c", "assertion": {"file": "/run/token"}}),
    );
    check(
        &["--azure-credential=workload-identity", "--azure-token-file=/run/token"],
        json!({"kind": "workload-identity", "tenant_id": "t", "client_id": "c", "token_file": "/run/token"}),
    );
    check(
        &["--azure-credential=managed-identity"],
        json!({"kind": "managed-identity", "client_id": "c"}),
    );
    check(
        &["--azure-credential=azure-pipelines", "--azure-service-connection-id=s"],
        json!({"kind": "azure-pipelines", "tenant_id": "t", "client_id": "c", "service_connection_id": "s", "access_token": environment("SYSTEM_ACCESSTOKEN")}),
    );
    check(
        &["--azure-credential=azure-cli", "--azure-cli-subscription=Contoso AI"],
        json!({"kind": "azure-cli", "tenant_id": "t", "subscription": "Contoso AI"}),
    );
    check(
        &["--azure-credential=azure-developer-cli"],
        json!({"kind": "azure-developer-cli", "tenant_id": "t"}),
    );
    check(&["--azure-credential=developer-tools"], json!({"kind": "developer-tools"}));
}

#[test]
fn clouds_scopes_and_proxies_are_stored() {
    let line = [
        "--azure-credential=azure-cli",
        "--azure-cloud=us-government",
        "--azure-management-groups=contoso,fabrikam",
        &format!("--azure-subscriptions={}", SUBSCRIPTION.to_uppercase()),
        "--azure-include=prod-*,AI ?",
        "--azure-exclude=*sandbox*",
        "--azure-proxy=http://proxy.contoso.example:3128",
        "--azure-ca-file=/etc/ca.pem",
    ];
    assert_eq!(
        stored(&line),
        json!({
            "arm_endpoint": "https://management.usgovcloudapi.net/",
            "authority_host": "https://login.microsoftonline.us/",
            "credential": {"kind": "azure-cli"},
            "scope": {
                "management_groups": ["contoso", "fabrikam"],
                "subscriptions": [SUBSCRIPTION],
                "include": ["prod-*", "AI ?"],
                "exclude": ["*sandbox*"],
            },
            "proxy": {
                "url": "http://proxy.contoso.example:3128/",
                "credentials": {"environment": "POSTERN_AZURE_PROXY_CREDENTIALS"},
            },
            "ca_file": "/etc/ca.pem",
        })
    );
    let nothing = stored(&["--azure-credential=azure-cli", "--azure-include=", "--azure-proxy="]);
    assert_eq!((&nothing["scope"], nothing.get("proxy")), (&json!({}), None));
    let elsewhere = stored(&[
        "--azure-credential=azure-cli",
        "--azure-cloud=china",
        "--azure-arm-endpoint=https://arm.example",
    ]);
    assert_eq!(elsewhere["arm_endpoint"], "https://arm.example/");
    assert_eq!(elsewhere["authority_host"], "https://login.chinacloudapi.cn/");
}

#[test]
fn what_is_missing_or_wrong_is_one_sentence() {
    let check = |line: &[&str], said: &str| {
        let found = refused(line);
        assert!(found.contains(said) && !found.contains("hunter2"), "{found}");
    };
    let cli = "--azure-credential=azure-cli";
    check(&["--azure-credential=client-secret"], "client-secret also needs --azure-tenant-id");
    check(
        &["--azure-credential=client-certificate", "--azure-tenant-id=t"],
        "client-certificate also needs --azure-certificate-file",
    );
    check(
        &app(&["--azure-credential=azure-pipelines"]),
        "also needs --azure-service-connection-id",
    );
    check(
        &app(&["--azure-credential=managed-identity", "--azure-identity-object-id=o"]),
        "named by one of",
    );
    check(
        &app(&["--azure-credential=client-secret", "--azure-secret-variable=hunter2!"]),
        "not the name of an environment variable",
    );
    check(&[cli, "--azure-subscriptions=Contoso"], "is not the id of a subscription");
    check(&[cli, "--azure-management-groups=a/b"], "is not the id of a management group");
    check(&[cli, "--azure-exclude=a,,b"], "is not a pattern");
    check(&[cli, "--azure-proxy=proxy:3128"], "begins with http:// or https://");
    check(&[cli, "--azure-proxy=http://u:hunter2@proxy:3128"], "--azure-proxy-credentials-file");
    check(&[cli, "--azure-arm-endpoint=http://arm.example"], "has to begin with https://");
}

#[test]
fn what_a_process_lacks_is_said_by_its_place() {
    let check = |line: &[&str], setting: &str, said: &str| {
        let stored = stored(&app(line));
        let found = resolver().collector(&stored).unwrap_err().to_string();
        assert!(found.contains(said) && found.contains(setting), "{found}");
    };
    check(
        &["--azure-credential=client-secret", "--azure-secret-variable=NOWHERE"],
        "credential",
        "the client secret is missing: the environment variable NOWHERE is not set",
    );
    check(
        &["--azure-credential=client-certificate", "--azure-certificate-file=/nowhere.pfx"],
        "credential",
        "the certificate is missing: the file /nowhere.pfx cannot be read",
    );
    check(
        &["--azure-credential=azure-cli", "--azure-ca-file=/nowhere.pem"],
        "CA certificates",
        "the file /nowhere.pem cannot be read",
    );
    let proxy = ["--azure-proxy=http://p:1", "--azure-proxy-credentials-file=/nowhere"];
    check(
        &[&["--azure-credential=azure-cli"][..], &proxy[..]].concat(),
        "proxy",
        "the proxy's password is missing",
    );
}
