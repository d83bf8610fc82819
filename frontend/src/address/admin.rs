//! Addresses of the pages of administration.

/// What needs attention.
pub const ADMIN: &str = "/admin";
/// The connections.
pub const CONNECTIONS: &str = "/admin/connections";
/// The schedule of one of them.
pub const SCHEDULE: &str = "/admin/connections/schedule";
/// Teams, and whose assets are.
pub const TEAMS: &str = "/admin/teams";
/// The form for that.
pub const EDIT_TEAMS: &str = "/admin/teams/edit";
/// People and their roles.
pub const PEOPLE: &str = "/admin/people";
/// Ending somebody's sessions.
pub const SIGN_OUT: &str = "/admin/people/sign-out";
/// Tokens of programs.
pub const TOKENS: &str = "/admin/tokens";
/// The form for a new one.
pub const NEW_TOKEN: &str = "/admin/tokens/new";
/// Revoking one.
pub const REVOKE_TOKEN: &str = "/admin/tokens/revoke";
/// Mail, and messages that failed.
pub const NOTIFICATIONS: &str = "/admin/notifications";
/// Trying one again.
pub const RETRY: &str = "/admin/notifications/retry";
/// What is allowed, and what is kept.
pub const POLICY: &str = "/admin/policy";
/// The form of what is allowed of exceptions.
pub const EDIT_POLICY: &str = "/admin/policy/exceptions";
/// What keeping things for so long would remove.
pub const PREVIEW_RETENTION: &str = "/admin/policy/retention";

/// The room that the database takes.
pub const STORAGE: &str = "/admin/policy/storage";
/// Checking the decision log.
pub const VERIFY: &str = "/decisions/verify";

/// The decision log as a file.
pub const EXPORT_DECISIONS: &str = "/decisions/export.jsonl";

/// The key of what was done on the page before.
pub const DONE: &str = "done";
