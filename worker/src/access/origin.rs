//! Which pages of other origins may call, and what a browser sends along unasked.

use crate::problem::Problem;
use worker::{Headers, Url};

/// The origins that may read answers (the Fetch standard's CORS protocol): `ALLOWED_ORIGINS`, separated by commas.
pub(crate) struct Origins<'a>(Vec<&'a str>);

impl<'a> Origins<'a> {
    /// Reads the list. What is no origin, `*` above all, is left out: each has to be named.
    pub(crate) fn of(variable: &'a str) -> Self {
        let origins = variable.split(',').map(str::trim);
        Self(origins.filter(|origin| is_origin(origin)).collect())
    }

    /// Refuses a request of a page whose origin is not in the list, whatever credentials it brings.
    ///
    /// The origin of the request's own address counts for nothing here: a page that has its name point to this machine
    /// (DNS rebinding) chooses that address.
    pub(crate) fn admit(&self, headers: &Headers) -> Result<(), Problem> {
        match headers.get("Origin")? {
            Some(origin) if !self.allow(&origin) => Err(Problem::origin_not_allowed()),
            _ => Ok(()),
        }
    }

    /// Whether the list holds this origin, exactly.
    pub(crate) fn allow(&self, origin: &str) -> bool {
        self.0.contains(&origin)
    }
}

fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

/// Whether a page of another site may have sent this request without its user's wish: a browser says where a request
/// comes from, and other programs have no cookies that they do not mean to send.
pub(crate) fn is_cross_site(
    headers: &Headers,
    url: &Url,
    origins: &Origins<'_>,
) -> Result<bool, Problem> {
    let origin = headers.get("Origin")?;
    let site = headers.get("Sec-Fetch-Site")?;
    let own = url.origin().ascii_serialization();
    Ok(comes_from_elsewhere(
        origin.as_deref(),
        site.as_deref(),
        &own,
        origins,
    ))
}

fn comes_from_elsewhere(
    origin: Option<&str>,
    site: Option<&str>,
    own: &str,
    origins: &Origins<'_>,
) -> bool {
    match (origin, site) {
        (Some(origin), _) => origin != own && !origins.allow(origin),
        (None, Some(site)) => !matches!(site, "same-origin" | "none"),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_named_one_by_one() {
        let origins = Origins::of("https://a.test, *, https://b.test:8443 ,null,https://c.test/,");
        assert!(origins.allow("https://a.test") && origins.allow("https://b.test:8443"));
        for other in [
            "*",
            "null",
            "",
            "https://c.test",
            "https://c.test/",
            "http://a.test",
            "https://a.test.evil.test",
        ] {
            assert!(!origins.allow(other), "{other}");
        }
    }

    #[test]
    fn what_another_site_sends_is_told_by_the_browser() {
        let origins = Origins::of("https://friend.test");
        let from = |origin, site| comes_from_elsewhere(origin, site, "https://own.test", &origins);
        assert!(!from(None, None));
        assert!(!from(Some("https://own.test"), Some("same-origin")));
        assert!(!from(Some("https://friend.test"), Some("cross-site")));
        assert!(from(Some("https://evil.test"), None));
        assert!(from(Some("null"), Some("cross-site")));
        assert!(from(None, Some("cross-site")));
        assert!(from(None, Some("same-site")));
        assert!(!from(None, Some("none")));
    }
}
