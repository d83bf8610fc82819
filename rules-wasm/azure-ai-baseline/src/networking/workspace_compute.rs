//! Computes of a Machine Learning workspace: the network they stand in, and the doors they open to the internet.

use postern_rules_sdk::{
    AssetContext, Check, Evidence, Judgement, MACHINE_LEARNING_WORKSPACE, Outcome, Read, Remedy,
    Rule, Severity, Topic, Unreadable, Words, fact,
};

use super::workspace::{
    COMPUTE_SCHEMA, COMPUTES, HUB_GUIDE, ISOLATION, ISOLATION_ABSENT, KIND_ABSENT,
    MANAGED_COMPUTES, MANAGED_NETWORK_GUIDE, NO_MANAGED_COMPUTE, TYPE_ABSENT, WORKSPACE_SCHEMA,
    compute_settings, managed_network,
};
use crate::groundwork::azure::{DEFENDER_AI, WORKSPACES};
use crate::groundwork::compute_body::{
    CLUSTER_AZ, CLUSTER_BICEP, CLUSTER_TERRAFORM, INSTANCE_AZ, INSTANCE_BICEP, INSTANCE_TERRAFORM,
};

const SUBNET_ID: &str = "subnet.id";
const SUBNET_ABSENT: &str = "none: the nodes stand in a network of Microsoft's";
const MANAGED: &str = "the workspace has a managed network";
const NODE_IP_PATH: &str = "enableNodePublicIp";
const NODE_IP_ABSENT: &str = "true: the schema's default";
const LOGIN: &str = "remoteLoginPortPublicAccess";
const LOGIN_ABSENT: &str = "NotSpecified: closed where the cluster is in a virtual network or the workspace has a managed network, else open on all public nodes";
const SSH: &str = "sshSettings.sshPublicAccess";
const SSH_ABSENT: &str = "Disabled: the schema's default";
const NO_PUBLIC_IP: &str = "properties.serverlessComputeSettings.serverlessComputeNoPublicIP";
const NO_PUBLIC_IP_ABSENT: &str = "false: the nodes have public addresses";
const CUSTOM_SUBNET: &str = "properties.serverlessComputeSettings.serverlessComputeCustomSubnet";
const CUSTOM_SUBNET_ABSENT: &str = "none: the nodes stand in a network of Microsoft's";

const TYPE: Read =
    Read { path: "computes[].properties.computeType", source: COMPUTES, absent: TYPE_ABSENT };
const ATTACHED: &str =
    "Attached computes, such as Kubernetes or Databricks: they are set up where they are.";
const NO_COMPUTE: &str = "Workspaces without a cluster and without a compute instance.";

/// NET-18.
pub static SUBNET: Rule = Rule {
    id: "NET-18",
    title: "Clusters and compute instances are in a virtual network",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "Defender for Cloud: medium (PSRule: critical)",
    rationale: "A compute outside a virtual network is reached over the internet and reaches storage through public end points. \
                In a subnet, or in the managed network of the workspace, its traffic can be controlled.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[NO_COMPUTE, ATTACHED],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        TYPE,
        Read {
            path: "computes[].properties.properties.subnet.id",
            source: COMPUTES,
            absent: SUBNET_ABSENT,
        },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the compute again in a subnet, or switch the managed network of the workspace on; a compute cannot be moved. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(CLUSTER_AZ),
        bicep: Some(CLUSTER_BICEP),
        terraform: Some(CLUSTER_TERRAFORM),
        portal: Some("Machine Learning studio > Compute > New > Security > Enable virtual network"),
    },
    policies: &["7804b5c7-01dc-4723-969b-ae300cc07ff1"],
    policy_difference: "Azure's policy knows subnets only: it reports computes in the managed network of a workspace, which pass here. A compute of a project without a subnet is unknown: the managed network of its hub may hold it.",
    controls: &[
        "mcsb-v1:NS-2",
        "mcsb-v2:NS-2",
        "nist-800-53-r5:AC-4",
        "nist-800-53-r5:AC-4(4)",
        "nist-800-53-r5:AC-4(6)",
        "nist-800-53-r5:SC-7",
    ],
    references: &[DEFENDER_AI, MANAGED_NETWORK_GUIDE],
    judge: in_network,
};

/// NET-19.
pub static NODE_IP: Rule = Rule {
    id: "NET-19",
    title: "Clusters and compute instances have no public IP address",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: a public address makes each node a target",
    rationale: "With public addresses the nodes that hold data and identities can be found and probed from the internet. \
                Without them all traffic takes the virtual network.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[NO_COMPUTE, ATTACHED],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.enableNodePublicIp",
            source: COMPUTES,
            absent: NODE_IP_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the compute again with enableNodePublicIp false; it needs a subnet or the managed network of the workspace. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(CLUSTER_AZ),
        bicep: Some(CLUSTER_BICEP),
        terraform: Some(CLUSTER_TERRAFORM),
        portal: Some("Machine Learning studio > Compute > New > Security > No public IP"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[COMPUTE_SCHEMA],
    judge: no_node_ip,
};

/// NET-20.
pub static CLUSTER_SSH: Rule = Rule {
    id: "NET-20",
    title: "The SSH port of clusters is closed to the internet",
    topic: Topic::Networking,
    severity: Severity::High,
    severity_reason: "our own judgement: an SSH port on the internet is attacked within minutes",
    rationale: "An open SSH port invites guessing and turns a leaked key into a shell next to training data. \
                Left unspecified, the port is open on public nodes outside a virtual network.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a cluster (AmlCompute)."],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.remoteLoginPortPublicAccess",
            source: COMPUTES,
            absent: LOGIN_ABSENT,
        },
        Read {
            path: "computes[].properties.properties.subnet.id",
            source: COMPUTES,
            absent: SUBNET_ABSENT,
        },
        Read {
            path: "computes[].properties.properties.enableNodePublicIp",
            source: COMPUTES,
            absent: NODE_IP_ABSENT,
        },
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the cluster again with remoteLoginPortPublicAccess Disabled. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(CLUSTER_AZ),
        bicep: Some(CLUSTER_BICEP),
        terraform: Some(CLUSTER_TERRAFORM),
        portal: Some(
            "Machine Learning studio > Compute > Compute clusters > New > Enable SSH access: off",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[COMPUTE_SCHEMA],
    judge: cluster_ssh,
};

/// NET-21.
pub static INSTANCE_SSH: Rule = Rule {
    id: "NET-21",
    title: "The SSH port of compute instances is closed to the internet",
    topic: Topic::Networking,
    severity: Severity::Medium,
    severity_reason: "our own judgement: one person's machine, so less than a cluster (NET-20)",
    rationale: "A compute instance holds its owner's notebooks and works with the owner's rights. \
                Studio, notebooks and VS Code do not need SSH from the internet.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &["Workspaces without a compute instance."],
    never: &[],
    reads: &[
        TYPE,
        Read {
            path: "computes[].properties.properties.sshSettings.sshPublicAccess",
            source: COMPUTES,
            absent: SSH_ABSENT,
        },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Create the instance again with sshPublicAccess Disabled. A put replaces the whole compute and most of its properties cannot be changed: save what is on it and delete it first. In a workspace with a managed network leave the subnet out.",
        az: Some(INSTANCE_AZ),
        bicep: Some(INSTANCE_BICEP),
        terraform: Some(INSTANCE_TERRAFORM),
        portal: Some(
            "Machine Learning studio > Compute > Compute instances > New > Security > Enable SSH access: off",
        ),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[COMPUTE_SCHEMA],
    judge: instance_ssh,
};

/// NET-24.
pub static SERVERLESS: Rule = Rule {
    id: "NET-24",
    title: "Serverless compute runs in a subnet without public IP addresses",
    topic: Topic::Networking,
    severity: Severity::Low,
    severity_reason: "our own judgement: the nodes live only as long as a job",
    rationale: "Jobs that name no compute run on nodes that Azure starts for them. \
                Without a subnet and with public addresses these nodes are outside the network that the clusters were put in.",
    asset_types: &[MACHINE_LEARNING_WORKSPACE],
    exceptions: &[
        "Hubs and projects: they cannot use a virtual network of one's own; NET-16 judges their managed network.",
        "Workspaces with a managed network: serverless compute runs in it.",
    ],
    never: &[],
    reads: &[
        Read { path: "kind", source: WORKSPACES, absent: KIND_ABSENT },
        Read { path: ISOLATION, source: WORKSPACES, absent: ISOLATION_ABSENT },
        Read { path: NO_PUBLIC_IP, source: WORKSPACES, absent: NO_PUBLIC_IP_ABSENT },
        Read { path: CUSTOM_SUBNET, source: WORKSPACES, absent: CUSTOM_SUBNET_ABSENT },
    ],
    settings: &[],
    remedy: Remedy {
        summary: "Name a subnet for serverless compute and switch its public addresses off, or switch the managed network on.",
        az: Some(
            "az resource update --ids $ID --set properties.serverlessComputeSettings.serverlessComputeCustomSubnet=SUBNET_ID properties.serverlessComputeSettings.serverlessComputeNoPublicIP=true",
        ),
        bicep: Some(
            "resource workspace 'Microsoft.MachineLearningServices/workspaces@2025-09-01' = {\n  properties: {\n    serverlessComputeSettings: {\n      serverlessComputeCustomSubnet: subnetId\n      serverlessComputeNoPublicIP: true\n    }\n  }\n}",
        ),
        terraform: Some(
            "resource \"azurerm_machine_learning_workspace\" \"this\" {\n  serverless_compute {\n    subnet_id         = azurerm_subnet.this.id\n    public_ip_enabled = false\n  }\n}",
        ),
        portal: Some("The workspace > Settings > Networking > Workspace managed outbound access"),
    },
    policies: &[],
    policy_difference: "",
    controls: &[],
    references: &[WORKSPACE_SCHEMA, HUB_GUIDE, MANAGED_NETWORK_GUIDE],
    judge: serverless,
};

fn in_network(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "Every cluster and compute instance is in a virtual network.",
        fail: "A compute is in no virtual network.",
        none: NO_MANAGED_COMPUTE,
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &MANAGED_COMPUTES)? else {
            return Ok(Check::Skip);
        };
        let subnet = settings.text(SUBNET_ID)?;
        if subnet.is_given() {
            return Ok(Check::Good(subnet.expected("the id of a subnet")));
        }
        let evidence = subnet.expected("a subnet, or the workspace's managed network");
        Ok(if has_managed_network(asset, &evidence)? {
            Check::Good(evidence.noting(MANAGED))
        } else {
            Check::Bad(vec![evidence.absent_means(SUBNET_ABSENT)])
        })
    })
}

/// Whether the computes of a workspace are in a managed network; those of a project would be in that of its hub,
/// which is another asset.
fn has_managed_network(asset: &AssetContext<'_>, evidence: &Evidence) -> Result<bool, Unreadable> {
    if asset.text("kind")?.is("Project") {
        let note = "The compute of a project is in the managed network of its hub, if that has one; the hub is not part of the project's document.";
        return Err(Unreadable::new(evidence.clone(), note));
    }
    Ok(managed_network(asset)?.0)
}

fn no_node_ip(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "No cluster and no compute instance has a public IP address.",
        fail: "The nodes of a compute have public IP addresses.",
        none: NO_MANAGED_COMPUTE,
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &MANAGED_COMPUTES)? else {
            return Ok(Check::Skip);
        };
        let address = settings.flag(NODE_IP_PATH)?;
        let evidence = address.expected_or("false", NODE_IP_ABSENT);
        Ok(Check::of(address.value == Some(false), evidence))
    })
}

fn cluster_ssh(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The SSH port of every cluster is closed.",
        fail: "The SSH port of a cluster is open to the internet.",
        none: "The workspace has no cluster.",
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &["AmlCompute"])? else {
            return Ok(Check::Skip);
        };
        let login = settings.text(LOGIN)?;
        let evidence = login.expected_or("Disabled", LOGIN_ABSENT);
        if !login.is_absent() && !login.is("NotSpecified") {
            return Ok(Check::of(login.is("Disabled"), evidence));
        }
        let is_closed = settings.text(SUBNET_ID)?.is_given()
            || settings.flag(NODE_IP_PATH)?.value == Some(false);
        Ok(if is_closed {
            Check::Good(evidence)
        } else if has_managed_network(asset, &evidence)? {
            Check::Good(evidence.noting(MANAGED))
        } else {
            Check::Bad(vec![evidence])
        })
    })
}

fn instance_ssh(asset: &AssetContext<'_>) -> Outcome {
    let words = Words {
        pass: "The SSH port of every compute instance is closed.",
        fail: "The SSH port of a compute instance is open to the internet.",
        none: "The workspace has no compute instance.",
    };
    asset.related(fact::COMPUTES)?.every(words, |compute| {
        let Some(settings) = compute_settings(compute, &["ComputeInstance"])? else {
            return Ok(Check::Skip);
        };
        let ssh = settings.text(SSH)?;
        let is_closed = ssh.is_absent() || ssh.is("Disabled");
        Ok(Check::of(is_closed, ssh.expected_or("Disabled", SSH_ABSENT)))
    })
}

fn serverless(asset: &AssetContext<'_>) -> Outcome {
    let kind = asset.text("kind")?;
    if kind.is_any_of(&["Hub", "Project"]) {
        return Ok(Judgement::not_applicable(
            "Hubs and projects cannot use a virtual network of one's own.",
            kind.expected("a workspace that is neither hub nor project"),
        ));
    }
    let (is_managed, mode) = managed_network(asset)?;
    if is_managed {
        return Ok(Judgement::not_applicable(
            "Serverless compute runs in the workspace's managed network.",
            mode.expected("no managed network"),
        ));
    }
    let subnet = asset.text(CUSTOM_SUBNET)?;
    let no_address = asset.flag(NO_PUBLIC_IP)?;
    let subnet_evidence = subnet.expected_or("the id of a subnet", CUSTOM_SUBNET_ABSENT);
    let address_evidence = no_address.expected_or("true", NO_PUBLIC_IP_ABSENT);
    Ok(if !subnet.is_given() {
        Judgement::fail("Serverless compute runs outside a virtual network.", subnet_evidence)
            .and(address_evidence)
    } else if no_address.is_true() {
        Judgement::pass("Serverless compute has no public addresses.", address_evidence)
            .and(subnet_evidence)
    } else {
        Judgement::fail("Serverless compute has public addresses.", address_evidence)
            .and(subnet_evidence)
    })
}
