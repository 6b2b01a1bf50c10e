//! Keys and tokens: `keygen`, `sign`, `gift`, `verify`.

use crate::{Failure, Outcome};
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tollgate::signing::{self, Algorithm, PrivateKey, Refused};

/// The most that is read of a file with keys, or of a token on standard input, in bytes.
const MOST: u64 = 64 * 1024;

/// Makes a key pair: the private key goes to a file, the public one is shown.
///
/// The private key is a JWK. Whoever has it can sign tokens for your site: keep it on the server that signs, and out of your repository. The
/// public key goes into your pages, as data-token-keys.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tollgate keygen
  tollgate keygen --alg eddsa --out keys/2026.json
  tollgate keygen --out - | store-secret tollgate      # the private key on standard output, and only it")]
pub(crate) struct Keygen {
    /// How the key signs. ES256 works in every browser that Tollgate does; EdDSA (Ed25519) only in newer ones.
    #[arg(long, value_enum, default_value_t = Alg::Es256)]
    alg: Alg,
    /// Where the private key goes. A file that is there is never overwritten. `-` writes it to standard output.
    #[arg(long, value_name = "FILE", default_value = "tollgate-private-key.json")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Alg {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    Eddsa,
}

/// Signs a token that says who is reading: a subscriber, or another tier.
///
/// Your server does this when a reader logs in, for a day at most, and gives the token to the page: in the answer of the endpoint, in a cookie,
/// or on the way back in the address, behind #tollgate-token=. For links that give an article away see `tollgate gift`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  tollgate sign --key tollgate-private-key.json --issuer https://news.example --site meridian --subject r-1729 --hours 12

The token is all that goes to standard output.")]
pub(crate) struct Sign {
    #[command(flatten)]
    common: Common,
    /// Which tier: newsletter, registered or subscriber. Only a subscriber reads everything.
    #[arg(long, value_name = "TIER", default_value = "subscriber")]
    tier: String,
    /// Who is reading, by a name that means nothing to others (a number of your own). Never an e-mail address.
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    #[command(flatten)]
    lasting: Lasting,
}

/// Signs a gift link: it opens one article for whoever has it, for 31 days at most.
///
/// Two lines go to standard output: the token, and the link.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tollgate gift --key tollgate-private-key.json --issuer https://news.example --site meridian \\
      --article https://news.example/2026/frogs --days 14
  tollgate gift … --article id:7-42 --page https://news.example/2026/frogs")]
pub(crate) struct Gift {
    #[command(flatten)]
    common: Common,
    /// The article: its canonical address, or `id:` and what data-tollgate-id says on it.
    #[arg(long, value_name = "URL|id:ID")]
    article: String,
    /// The page that the link leads to, where that is not the article's canonical address.
    #[arg(long, value_name = "URL")]
    page: Option<String>,
    #[command(flatten)]
    lasting: Lasting,
}

#[derive(Debug, Args)]
struct Common {
    /// The file with the private key (a JWK), as `tollgate keygen` makes it; `-` reads it from standard input.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    names: Names,
}

/// What a token and the tag must agree on, and when.
#[derive(Debug, Args)]
struct Names {
    /// Who issues the token: what data-token-issuer says, to the letter.
    #[arg(long, value_name = "ISSUER")]
    issuer: String,
    /// The site it is for: what data-site says.
    #[arg(long, value_name = "NAME")]
    site: String,
    /// The time it is, in seconds since 1970, instead of now.
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    at: Option<i64>,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Lasting {
    /// For how many hours it holds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    hours: Option<u32>,
    /// For how many days it holds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
}

/// Checks a token as the widget does, and says what it claims or why it is refused.
///
/// Exit code: 0 where it is accepted, 1 where it is refused.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tollgate verify --keys public.json --issuer https://news.example --site meridian eyJhbGciOiJFUzI1NiIs…
  tollgate verify --keys '{\"kty\":\"EC\",…}' --issuer https://news.example --site meridian 'https://news.example/frogs#tollgate-gift=eyJ…'
  some-command | tollgate verify --keys public.json --issuer https://news.example --site meridian -")]
pub(crate) struct Verify {
    /// The public keys, as a file or as the JSON itself: a JWK, a list of them, or a JWK set. What data-token-keys says.
    #[arg(long, value_name = "FILE|JSON")]
    keys: String,
    #[command(flatten)]
    names: Names,
    /// The token, or a link that carries one; `-` reads it from standard input.
    #[arg(value_name = "TOKEN")]
    token: String,
}

impl Keygen {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let algorithm = match self.alg {
            Alg::Es256 => Algorithm::Es256,
            Alg::Eddsa => Algorithm::EdDsa,
        };
        let key = PrivateKey::generate(algorithm).map_err(|error| error.to_string())?;
        let public = key.public_jwk();
        let mut shown = String::new();
        let _ = write!(
            shown,
            "Public key:\n{public}\n\nOn the tag, beside data-token-issuer=\"…\":\n  data-token-keys='{public}'\n"
        );
        if self.out == Path::new("-") {
            return Ok(Outcome { output: format!("{}\n", key.to_jwk()), remarks: shown, code: 0 });
        }
        write_secret(&self.out, &key.to_jwk())?;
        Ok(Outcome {
            output: shown,
            remarks: format!("The private key is in {}. It is a secret.\n", self.out.display()),
            code: 0,
        })
    }
}

impl Sign {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let (key, remarks) = private_key(&self.common.key)?;
        let mut token =
            signing::subscriber(&self.common.names.issuer, &self.common.names.site).tier(&self.tier);
        if let Some(subject) = &self.subject {
            token = token.subject(subject);
        }
        if let Some(seconds) = self.lasting.seconds() {
            token = token.lasting(seconds);
        }
        let token = token.sign(&key, now(self.common.names.at)?).map_err(|error| error.to_string())?;
        Ok(Outcome { output: format!("{token}\n"), remarks, code: 0 })
    }
}

impl Gift {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let (key, remarks) = private_key(&self.common.key)?;
        let page = match &self.page {
            Some(page) => page,
            None if self.article.starts_with("id:") => {
                return Err(
                    "an article by its id needs --page, the address that the link leads to".to_owned()
                );
            }
            None => &self.article,
        };
        let parsed = url::Url::parse(page).map_err(|error| format!("{page}: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("{page}: expected https://…"));
        }
        let mut gift = signing::gift(&self.common.names.issuer, &self.common.names.site, &self.article);
        if let Some(seconds) = self.lasting.seconds() {
            gift = gift.lasting(seconds);
        }
        let token = gift.sign(&key, now(self.common.names.at)?).map_err(|error| error.to_string())?;
        // What stands behind the # already (a place on the page, an app's own route) stays.
        let joint = if parsed.fragment().is_some_and(|fragment| !fragment.is_empty()) {
            "&"
        } else if parsed.fragment().is_some() {
            ""
        } else {
            "#"
        };
        Ok(Outcome { output: format!("{token}\n{page}{joint}tollgate-gift={token}\n"), remarks, code: 0 })
    }
}

impl Lasting {
    fn seconds(&self) -> Option<i64> {
        let hours = self.hours.map(|hours| i64::from(hours).saturating_mul(3600));
        hours.or(self.days.map(|days| i64::from(days).saturating_mul(86_400)))
    }
}

impl Verify {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        let keys = if self.keys.trim_start().starts_with(['{', '[']) {
            self.keys.clone()
        } else {
            read(Path::new(&self.keys))?
        };
        let given = if self.token == "-" { read(Path::new("-"))? } else { self.token.clone() };
        let given = given.trim();
        let token = tollgate::access::token::carried(given).map_or(given.to_owned(), |(token, _)| token);
        let now = now(self.names.at)?;
        let verified = match signing::verify(&token, &keys, &self.names.issuer, &self.names.site, now) {
            Ok(verified) => verified,
            // Not the token's fault.
            Err(Refused::Keys) => return Err(format!("--keys: {}", Refused::Keys)),
            Err(Refused::Token(refusal)) => {
                let name = refusal.name();
                let sentence =
                    REFUSALS.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words);
                let mut output = format!("Refused: {name}.\n");
                if !sentence.is_empty() {
                    let _ = writeln!(output, "{sentence}");
                }
                return Ok(Outcome { output, code: 1, ..Outcome::default() });
            }
        };
        let mut output = String::from("Accepted: ");
        let left = verified.claims.expires.saturating_sub(now);
        if verified.is_gift {
            output.push_str("a gift of one article");
        } else {
            let _ = write!(output, "tier {}", verified.claims.tier.name());
        }
        let _ = writeln!(output, ", {}.", lasts(left));
        let _ = writeln!(output, "{:#}", verified.json);
        Ok(Outcome::of(output))
    }
}

/// What each refusal means, by its name: what was expected, and what most often is wrong.
const REFUSALS: &[(&str, &str)] = &[
    (
        "not a compact JWS",
        "Expected three parts of base64url, without padding, between two points, and 4096 bytes at most. Was all of it copied?",
    ),
    (
        "not strict JSON",
        "The header and the claims must each be one JSON object in UTF-8, without a member that stands twice and without text behind it.",
    ),
    (
        "wrong typ",
        "The header must say typ: tollgate-ent+jwt for who is reading, tollgate-gift+jwt for a gift link.",
    ),
    (
        "no pinned key has this kid",
        "The header's kid is none of the keys' in --keys: was it signed with another key, or is the newer public key not in your pages yet?",
    ),
    (
        "alg is not the pinned key's",
        "The header's alg must be the one of the key that its kid names: ES256 or EdDSA. No other is ever accepted.",
    ),
    ("crit is not understood", "The header asks (crit, b64) for what is not understood here."),
    (
        "wrong signature",
        "It was not signed with this key, or changed since. With ES256 the signature is the 64 bytes of two numbers, not their DER.",
    ),
    (
        "wrong iss",
        "The claim iss must be --issuer (data-token-issuer), to the letter: a slash at the end counts.",
    ),
    ("wrong aud", "The claim aud must be --site (data-site), to the letter, and no list."),
    (
        "iat or exp missing or no whole number",
        "The claims iat and exp are needed, in whole seconds since 1970 and as numbers, not as texts.",
    ),
    ("expired", "The claim exp is past, by more than the five minutes that clocks may differ."),
    (
        "not yet valid",
        "The claim iat or nbf is ahead, by more than the five minutes that clocks may differ: is the signing server's clock right, and is it in seconds?",
    ),
    (
        "exp too long after iat",
        "A token for a reader holds for 24 hours at most, a gift for 31 days; and exp is behind iat.",
    ),
    ("unknown tier", "The claim tier must be newsletter, registered or subscriber."),
    (
        "gift without article",
        "A gift needs the claim article: the canonical address, or id: and what data-tollgate-id says.",
    ),
    (
        "holds an e-mail address",
        "A token's texts hold no @: it is readable to anyone, so it says who reads by a name that means nothing to others.",
    ),
];

/// For how long something still holds, in words.
fn lasts(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..=0 => return "just past its end, within the five minutes that clocks may differ".to_owned(),
        1..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("holds for {count} more {unit}{}", if count == 1 { "" } else { "s" })
}

/// The time, in seconds since 1970.
fn now(given: Option<i64>) -> Result<i64, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| "this computer's clock is before 1970")?;
    i64::try_from(since.as_secs()).map_err(|_| "this computer's clock is past all times".to_owned())
}

/// The private key of a file, and what is to be said of how it is kept.
fn private_key(file: &Path) -> Result<(PrivateKey, String), Failure> {
    let text = read(file)?;
    let key = PrivateKey::from_jwk(text.trim()).map_err(|error| format!("{}: {error}", file.display()))?;
    let remarks = if is_open(file) {
        format!("tollgate: {} can be read by others on this computer: chmod 600 it.\n", file.display())
    } else {
        String::new()
    };
    Ok((key, remarks))
}

/// Whether others than a file's owner may read it.
#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// A file's text, or standard input's for `-`.
fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let is_input = file == Path::new("-");
    let done = if is_input {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    match done {
        Ok(_) => Ok(text),
        Err(error) if is_input => Err(format!("standard input: {error}")),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// Writes a secret to a new file that only its owner may read.
fn write_secret(file: &Path, secret: &str) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut opened = options.open(file).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!(
                "{} is there already, and a key is never overwritten: name another file with --out",
                file.display()
            )
        } else {
            format!("{}: {error}", file.display())
        }
    })?;
    writeln!(opened, "{secret}")
        .and_then(|()| opened.sync_all())
        .map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate::signing::Refusal;

    #[test]
    fn every_refusal_has_a_sentence() {
        for refusal in [
            Refusal::Shape,
            Refusal::Json,
            Refusal::Type,
            Refusal::Key,
            Refusal::Algorithm,
            Refusal::Critical,
            Refusal::Signature,
            Refusal::Issuer,
            Refusal::Audience,
            Refusal::Time,
            Refusal::Expired,
            Refusal::Early,
            Refusal::Lifetime,
            Refusal::Tier,
            Refusal::Article,
            Refusal::Email,
        ] {
            assert!(REFUSALS.iter().any(|(name, _)| *name == refusal.name()), "{}", refusal.name());
        }
    }

    #[test]
    fn spans_are_said_in_words() {
        assert_eq!(lasts(1), "holds for 1 more second");
        assert_eq!(lasts(3600), "holds for 60 more minutes");
        assert_eq!(lasts(86_400), "holds for 24 more hours");
        assert_eq!(lasts(31 * 86_400), "holds for 31 more days");
        assert!(lasts(-10).starts_with("just past"));
    }
}
