//! Arguments of the form `--name value`.

use crate::tools::Result;

/// What stood behind a command's name.
pub struct Arguments<'a> {
    values: Vec<(&'static str, &'a str)>,
    flags: Vec<&'static str>,
}

impl<'a> Arguments<'a> {
    /// Takes arguments apart: `named` are those with a value, `flags` those without. Others and repetitions are errors.
    pub fn parse(
        given: &[&'a str],
        named: &[&'static str],
        flags: &[&'static str],
    ) -> Result<Self> {
        let mut parsed = Self {
            values: Vec::new(),
            flags: Vec::new(),
        };
        let mut given = given.iter();
        while let Some(&argument) = given.next() {
            if let Some(name) = named.iter().find(|name| **name == argument) {
                let value = given
                    .next()
                    .ok_or_else(|| format!("{argument} wants a value"))?;
                if parsed.get(name).is_some() {
                    return Err(format!("{argument} stands there twice"));
                }
                parsed.values.push((name, value));
            } else if let Some(flag) = flags.iter().find(|flag| **flag == argument) {
                parsed.flags.push(flag);
            } else {
                let known: Vec<&str> = named.iter().chain(flags).copied().collect();
                return Err(format!(
                    "unknown argument `{argument}`: there are {}",
                    known.join(", ")
                ));
            }
        }
        Ok(parsed)
    }

    /// The value of an argument that may be left out.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.values
            .iter()
            .find(|(given, _)| *given == name)
            .map(|(_, value)| *value)
    }

    /// The value of an argument that has to be there.
    pub fn require(&self, name: &str) -> Result<&'a str> {
        self.get(name).ok_or_else(|| format!("{name} is missing"))
    }

    /// Whether a flag is there.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(given: &[&'a str]) -> Result<Arguments<'a>> {
        Arguments::parse(given, &["--account", "--name"], &["--remote"])
    }

    #[test]
    fn values_and_flags_come_in_any_order() {
        let arguments = parse(&["--remote", "--account", "acme"]).unwrap();
        assert_eq!(arguments.require("--account"), Ok("acme"));
        assert_eq!(arguments.get("--name"), None);
        assert!(arguments.has("--remote"));
    }

    #[test]
    fn what_is_unknown_missing_or_there_twice_is_an_error() {
        for given in [
            ["--acount", "acme"].as_slice(),
            &["acme"],
            &["--account"],
            &["--account", "a", "--account", "b"],
        ] {
            assert!(parse(given).is_err(), "{given:?}");
        }
        assert!(parse(&[]).unwrap().require("--account").is_err());
    }
}
