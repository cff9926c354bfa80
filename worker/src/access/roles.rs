//! The one table of roles, and the permissions that they consist of.

/// One thing that a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    Create,
    Download,
    Delete,
    Templates,
    AuditRead,
    Keys,
}

impl Permission {
    /// All permissions with their names; the second name of one is also accepted.
    pub(crate) const ALL: [(Self, &'static str, Option<&'static str>); 6] = [
        (Self::Create, "exports:create", Some("export.write")),
        (Self::Download, "exports:download", Some("export.read")),
        (Self::Delete, "exports:delete", None),
        (Self::Templates, "exports:templates", None),
        (Self::AuditRead, "audit:read", None),
        (Self::Keys, "keys:manage", None),
    ];

    /// Its name in keys, answers and the audit trail.
    pub(crate) fn name(self) -> &'static str {
        let row = Self::ALL
            .iter()
            .find(|(permission, ..)| *permission == self);
        row.map_or("", |(_, name, _)| name)
    }

    /// The permission of this name, in either spelling.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let row = Self::ALL
            .iter()
            .find(|(_, first, second)| *first == name || *second == Some(name));
        row.map(|(permission, ..)| *permission)
    }
}

/// The roles. What is not listed, a role may not do.
pub(crate) const ROLES: [(&str, &[Permission]); 3] = [
    (
        "owner",
        &[
            Permission::Create,
            Permission::Download,
            Permission::Delete,
            Permission::Templates,
            Permission::AuditRead,
            Permission::Keys,
        ],
    ),
    ("member", &[Permission::Create, Permission::Download]),
    ("viewer", &[Permission::Download]),
];

/// What a user of this role may do with a key of these scopes; no scopes leave all of the role.
pub(crate) fn effective(role: &str, scopes: Option<&[String]>) -> Vec<Permission> {
    let of_role = ROLES.iter().find(|(name, _)| *name == role);
    let of_role = of_role.map_or(&[][..], |(_, permissions)| permissions);
    let in_scope = |permission: &Permission| match scopes {
        None => true,
        Some(scopes) => scopes
            .iter()
            .any(|scope| Permission::named(scope) == Some(*permission)),
    };
    of_role.iter().copied().filter(in_scope).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(role: &str, scopes: Option<&[&str]>) -> Vec<&'static str> {
        let scopes: Option<Vec<String>> =
            scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let permissions = effective(role, scopes.as_deref());
        permissions.into_iter().map(Permission::name).collect()
    }

    #[test]
    fn a_role_has_what_its_row_says() {
        assert_eq!(names("owner", None).len(), Permission::ALL.len());
        assert_eq!(
            names("member", None),
            ["exports:create", "exports:download"]
        );
        assert_eq!(names("viewer", None), ["exports:download"]);
    }

    #[test]
    fn an_unknown_role_may_do_nothing() {
        for role in ["", "Owner", "admin"] {
            assert_eq!(names(role, None), [""; 0]);
        }
    }

    #[test]
    fn scopes_only_ever_take_away() {
        assert_eq!(
            names("member", Some(&["exports:delete", "export.read"])),
            ["exports:download"]
        );
        assert_eq!(names("owner", Some(&[])), [""; 0]);
        assert_eq!(names("viewer", Some(&["export.write"])), [""; 0]);
    }
}
