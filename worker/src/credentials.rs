//! Who may use a route.

use crate::problem::Problem;
use crate::routes::Permission;

/// Refuses a request that does not have the route's permission.
///
/// No credentials can be issued yet, so those that come are wrong. `anonymous` lets everybody in.
pub(crate) fn check(
    permission: Permission,
    anonymous: bool,
    authorization: Option<&str>,
) -> Result<(), Problem> {
    match permission {
        Permission::None => Ok(()),
        Permission::ExportsCreate if anonymous => Ok(()),
        Permission::ExportsCreate => Err(Problem::unauthenticated(authorization.is_some())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_route_needs_no_credentials() {
        assert!(check(Permission::None, false, None).is_ok());
    }

    #[test]
    fn without_credentials_nothing_is_exported() {
        let problem = check(Permission::ExportsCreate, false, None).unwrap_err();
        assert_eq!(problem.status(), 401);
        assert!(check(Permission::ExportsCreate, true, None).is_ok());
    }

    #[test]
    fn credentials_that_nobody_issued_are_wrong() {
        let problem = check(Permission::ExportsCreate, false, Some("Bearer x")).unwrap_err();
        assert_eq!(problem.status(), 401);
    }
}
