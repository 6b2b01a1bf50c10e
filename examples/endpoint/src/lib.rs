//! A reference endpoint for Tollgate: accounts, sessions in cookies that no script reads, plans, a meter on the server, signed tokens.
//!
//! | file | what it knows |
//! |---|---|
//! | `store` | the database: SQLite in one file, or PostgreSQL, by the same statements |
//! | `secrets` | passwords, sessions, webhooks' signatures |
//! | `stripe` | payments, as Stripe tells them |
//! | `pages` | the forms, as HTML that works without JavaScript |
//! | `files` | the site's own files |
//! | this one | the routes, and who may do what |
//!
//! Nothing is kept in memory that matters: any number of instances can share a database behind a balancer.

pub mod files;
pub mod pages;
pub mod secrets;
pub mod store;
mod stripe;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use pages::Form as Shown;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::{Account, Store};
use tokio::net::TcpListener;
use tollgate::access::token::Algorithm;
use tollgate::signing::{self, PrivateKey};
use tower_http::timeout::TimeoutLayer;
use url::Url;

/// The cookie that carries a session's secret.
const COOKIE: &str = "meridian_session";
/// How long a session lasts, in seconds: 30 days.
const SESSION: i64 = 30 * 86_400;
/// How long a subscriber's token holds, in seconds: an hour, then the endpoint is asked again.
const TOKEN: i64 = 3600;
/// How often it may be tried to log in with one address, in so many seconds.
const ATTEMPTS: (i64, i64) = (10, 900);
/// How long a demonstration's subscription lasts, in seconds.
const DEMONSTRATION: i64 = 365 * 86_400;

/// What is sold.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its id, as the tag's `{plan}`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is paid, with `{email}`, `{account}` and `{return_url}`; empty for a demonstration that charges nothing.
    pub payment: String,
}

impl std::str::FromStr for Plan {
    type Err = String;

    /// `id=Name` or `id=Name=https://pay.example/…`
    fn from_str(text: &str) -> Result<Plan, String> {
        let mut parts = text.splitn(3, '=');
        match (parts.next(), parts.next()) {
            (Some(id), Some(name)) if !id.is_empty() && !name.is_empty() => {
                Ok(Plan { id: id.into(), name: name.into(), payment: parts.next().unwrap_or("").into() })
            }
            _ => Err("expected id=Name, or id=Name=https://where.it.is/paid".into()),
        }
    }
}

/// How the endpoint is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// The publisher's site as readers see it, such as `https://news.example`: forms are taken from it, and readers go back to it.
    pub origin: String,
    /// Other origins of the publisher's, which may ask and to which readers may go back.
    pub origins: Vec<String>,
    /// The tag's `data-site`.
    pub site: String,
    /// The tag's `data-token-issuer`.
    pub issuer: String,
    /// The database: `sqlite://file` or `postgres://…`.
    pub database: String,
    /// Folders whose files are served.
    pub files: Vec<PathBuf>,
    /// How many articles a month readers with an account may read.
    pub limit: i64,
    /// How many articles a month a subscriber may give away.
    pub gifts: i64,
    /// What is sold.
    pub plans: Vec<Plan>,
    /// The private key (JWK) that tokens are signed with; empty for one in the database, made at the first start.
    pub key: String,
    /// The secret of Stripe's webhooks; empty for none.
    pub stripe: String,
}

impl Config {
    /// The demo newspaper's, at this address.
    #[must_use]
    pub fn demo(origin: &str, database: &str) -> Config {
        let plan = |id: &str, name: &str| Plan { id: id.into(), name: name.into(), payment: String::new() };
        Config {
            origin: origin.into(),
            origins: Vec::new(),
            site: "meridian".into(),
            issuer: origin.into(),
            database: database.into(),
            files: Vec::new(),
            limit: 3,
            gifts: 10,
            plans: vec![plan("free-trial", "Free trial"), plan("annual-access", "Annual access")],
            key: String::new(),
            stripe: String::new(),
        }
    }
}

#[derive(Debug)]
struct App {
    config: Config,
    store: Store,
    key: PrivateKey,
    /// What is verified for addresses that nobody has: so that they take as long.
    nobody: String,
}

type Shared = State<Arc<App>>;

/// Serves until `shutdown` is there; requests under way are answered.
///
/// # Errors
/// If the database can't be used, or the key is none.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let store = Store::open(&config.database).await?;
    let key = if config.key.is_empty() {
        let made = PrivateKey::generate(Algorithm::Es256).context("cannot make a signing key")?;
        store.signing_key(&made.to_jwk()).await?
    } else {
        config.key.clone()
    };
    let key = PrivateKey::from_jwk(&key).context("the signing key")?;
    let nobody = secrets::password_hash(&secrets::random()?)?;
    let app = Arc::new(App { config, store: store.clone(), key, nobody });
    let script = || async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], files::SESSION) };
    let router = Router::new()
        .route("/entitlement", get(entitlement).options(preflight))
        .route("/login", get(show_login).post(login))
        .route("/register", get(show_register).post(register))
        .route("/subscribe", get(show_subscribe).post(subscribe))
        .route("/logout", post(logout))
        .route("/account", get(account))
        .route("/gift", get(gift))
        .route("/keys", get(keys))
        .route("/health", get(health))
        .route("/webhook/stripe", post(stripe::webhook).layer(DefaultBodyLimit::max(1024 * 1024)))
        .route("/session.js", get(script))
        .fallback(file)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(10)))
        .with_state(app);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await?;
    store.close().await;
    Ok(())
}

/// What went wrong, for the log; the reader learns only that it did.
struct Failure(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        tracing::error!("{:#}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong.").into_response()
    }
}

type Answer = Result<Response, Failure>;

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// The month of a time, as `2026-11` (UTC): the civil calendar from days, by Howard Hinnant's `civil_from_days`.
#[must_use]
pub fn month(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}")
}

impl App {
    fn is_ours(&self, origin: &str) -> bool {
        self.config.origin == origin || self.config.origins.iter().any(|known| known == origin)
    }

    /// Where a reader may be sent back to: a page of the publisher's, else the front page.
    fn back(&self, asked: &str) -> String {
        let home = format!("{}/", self.config.origin);
        let Ok(base) = Url::parse(&home) else { return home };
        match base.join(asked) {
            Ok(mut url)
                if matches!(url.scheme(), "http" | "https")
                    && url.username().is_empty()
                    && url.password().is_none()
                    && self.is_ours(&url.origin().ascii_serialization()) =>
            {
                url.set_fragment(None);
                url.into()
            }
            _ => home,
        }
    }

    async fn reader(&self, headers: &HeaderMap) -> Result<Option<Account>> {
        match session(headers) {
            Some(secret) => self.store.by_session(&secrets::hashed(&secret), now()).await,
            None => Ok(None),
        }
    }

    /// Sends a reader back; a subscriber with a token, by which the page opens without a request.
    fn send_back(&self, account: &Account, back: &str) -> Result<Response> {
        let mut address = back.to_owned();
        if account.subscribes(now()) {
            address.push_str("#tollgate-token=");
            address.push_str(&self.token(account)?);
        }
        Ok(redirect(&address))
    }

    fn token(&self, account: &Account) -> Result<String> {
        let lasting = TOKEN.min(account.ends - now()).max(1);
        let token = signing::subscriber(&self.config.issuer, &self.config.site);
        Ok(token.subject(&account.id).lasting(lasting).sign(&self.key, now())?)
    }

    /// Logs a reader in, by a session that is new.
    async fn begin(&self, account: &str, headers: &HeaderMap) -> Result<HeaderValue> {
        if let Some(old) = session(headers) {
            // One that was known before the reader logged in is worth nothing afterwards.
            self.store.end_session(&secrets::hashed(&old)).await?;
        }
        let secret = secrets::random()?;
        self.store.add_session(&secrets::hashed(&secret), account, now() + SESSION, now()).await?;
        self.cookie(&secret, SESSION)
    }

    fn cookie(&self, secret: &str, age: i64) -> Result<HeaderValue> {
        // Without TLS no browser would keep it with `Secure`, except on loopback, where the demo is.
        let secure = if self.config.origin.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
        Ok(HeaderValue::from_str(&cookie)?)
    }

    /// Whether a form comes from the publisher's own pages: browsers say so, and `SameSite` keeps the cookie from other sites'.
    fn is_own_form(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        match (text("origin"), text("sec-fetch-site")) {
            (Some(origin), _) => self.config.origin == origin,
            (None, Some(site)) => matches!(site, "same-origin" | "none"),
            (None, None) => false,
        }
    }

    /// The attributes by which the demo's tag asks this endpoint.
    fn attributes(&self) -> String {
        let keys = format!("{{\"keys\":[{}]}}", self.key.public_jwk());
        format!(
            "data-entitlement-url=\"/entitlement\" data-register-url=\"/register?return={{return_url}}\"\n  \
             data-token-issuer=\"{}\" data-token-keys=\"{}\"",
            pages::escaped(&self.config.issuer),
            pages::escaped(&keys)
        )
    }
}

fn session(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && value.len() == 43).then(|| value.to_owned())
    })
}

fn redirect(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    let headers =
        [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn shown(status: StatusCode, html: String) -> Response {
    // A form is never in a frame of another's, and runs nothing.
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                  frame-ancestors 'none'; base-uri 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

// Who may read.

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    url: String,
    #[serde(default)]
    article: String,
    #[serde(default)]
    site: String,
}

/// The headers by which a page of the publisher's at another origin may read the answer, with the reader's cookies.
fn cors(app: &App, headers: &HeaderMap, response: &mut Response) {
    let answer = response.headers_mut();
    answer.insert(header::VARY, HeaderValue::from_static("Origin, Cookie"));
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = headers.get(header::ORIGIN)
        && origin.to_str().is_ok_and(|origin| app.is_ours(origin))
    {
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

async fn preflight(State(app): Shared, headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    cors(&app, &headers, &mut response);
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("accept"));
    response
}

async fn entitlement(State(app): Shared, Query(asked): Query<Asked>, headers: HeaderMap) -> Answer {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_hash = asked.article.len() == 16 && asked.article.bytes().all(is_letter);
    let is_ours = asked.site.is_empty() || asked.site == app.config.site;
    let mut response = if is_hash && is_ours && asked.url.len() <= 2048 {
        axum::Json(answer(&app, &asked, &headers).await?).into_response()
    } else {
        let expected = "Expected article: 16 characters, url: at most 2048, and this site.";
        (StatusCode::BAD_REQUEST, expected).into_response()
    };
    cors(&app, &headers, &mut response);
    Ok(response)
}

async fn answer(app: &App, asked: &Asked, headers: &HeaderMap) -> Result<Value> {
    let Some(account) = app.reader(headers).await? else {
        // Nobody is known: the meter on the reader's own device decides.
        return Ok(json!({ "granted": false, "data": { "isLoggedIn": false } }));
    };
    if account.subscribes(now()) {
        let data = json!({ "isLoggedIn": true, "tier": "subscriber", "token": app.token(&account)? });
        return Ok(json!({ "granted": true, "grantReason": "SUBSCRIBER", "data": data }));
    }
    let limit = app.config.limit;
    let meter = app.store.count(&account.id, &month(now()), &asked.article, limit).await?;
    let data = json!({
        "isLoggedIn": true,
        "tier": "registered",
        "articlesRead": meter.reads,
        "articlesLeft": (limit - meter.reads).max(0),
        "articleLimit": limit,
    });
    Ok(if meter.has_article {
        json!({ "granted": true, "grantReason": "METERING", "data": data })
    } else {
        json!({ "granted": false, "data": data })
    })
}

// The forms.

#[derive(Debug, Default, Deserialize)]
struct Opened {
    #[serde(default, rename = "return")]
    back: String,
    #[serde(default)]
    plan: String,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default, rename = "return")]
    back: String,
    #[serde(default)]
    plan: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

impl Sent {
    /// The address as it is compared.
    fn address(&self) -> String {
        self.email.trim().to_lowercase()
    }

    /// What is wrong with what was typed, for a new account.
    fn problem(&self) -> Option<&'static str> {
        let email = self.address();
        let has_parts =
            email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !has_parts || email.len() > 254 || email.contains(char::is_whitespace) {
            return Some("Please enter an e-mail address.");
        }
        if self.password.chars().count() < 8 || self.password.len() > 200 {
            return Some("Please choose a password of at least 8 characters.");
        }
        None
    }
}

async fn show_login(State(app): Shared, Query(opened): Query<Opened>) -> Response {
    let back = app.back(&opened.back);
    shown(StatusCode::OK, pages::login(&Shown { back: &back, ..Shown::default() }))
}

async fn show_register(State(app): Shared, Query(opened): Query<Opened>) -> Response {
    let back = app.back(&opened.back);
    shown(StatusCode::OK, pages::register(&Shown { back: &back, ..Shown::default() }))
}

fn sold(app: &App) -> Vec<(String, String)> {
    app.config.plans.iter().map(|plan| (plan.id.clone(), plan.name.clone())).collect()
}

async fn show_subscribe(State(app): Shared, Query(opened): Query<Opened>, headers: HeaderMap) -> Answer {
    let back = app.back(&opened.back);
    let has_account = app.reader(&headers).await?.is_some();
    let form = Shown { back: &back, plan: &opened.plan, ..Shown::default() };
    Ok(shown(StatusCode::OK, pages::subscribe(&form, &sold(&app), has_account)))
}

async fn login(State(app): Shared, headers: HeaderMap, Form(sent): Form<Sent>) -> Answer {
    if !app.is_own_form(&headers) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let back = app.back(&sent.back);
    let email = sent.address();
    let refused = |status, problem| {
        let form = Shown { back: &back, email: &email, problem, ..Shown::default() };
        Ok(shown(status, pages::login(&form)))
    };
    let (most, seconds) = ATTEMPTS;
    if app.store.attempt(&email, now(), now() - seconds).await? > most {
        let problem = "Too many attempts. Please try again in a quarter of an hour.";
        return refused(StatusCode::TOO_MANY_REQUESTS, problem);
    }
    let account = app.store.by_email(&email).await?;
    let hash = account.as_ref().map_or(app.nobody.clone(), |account| account.password.clone());
    let password = sent.password.clone();
    // It takes the better part of a tenth of a second: not where others wait for it.
    let fits = password.len() <= 200
        && tokio::task::spawn_blocking(move || secrets::is_password(&password, &hash)).await?;
    match account {
        Some(account) if fits => {
            let cookie = app.begin(&account.id, &headers).await?;
            Ok(with_cookie(app.send_back(&account, &back)?, cookie))
        }
        _ => refused(StatusCode::UNAUTHORIZED, "No account has this address and password."),
    }
}

/// Makes an account of what was sent, or says what is wrong.
async fn new_account(app: &App, sent: &Sent) -> Result<Result<Account, &'static str>> {
    if let Some(problem) = sent.problem() {
        return Ok(Err(problem));
    }
    let password = sent.password.clone();
    let hash = tokio::task::spawn_blocking(move || secrets::password_hash(&password)).await??;
    let id = secrets::random()?;
    if !app.store.add_account(&id, &sent.address(), &hash).await? {
        return Ok(Err("This address has an account already. Please log in."));
    }
    Ok(app.store.by_email(&sent.address()).await?.ok_or("Please try again."))
}

async fn register(State(app): Shared, headers: HeaderMap, Form(sent): Form<Sent>) -> Answer {
    if !app.is_own_form(&headers) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let back = app.back(&sent.back);
    match new_account(&app, &sent).await? {
        Ok(account) => {
            let cookie = app.begin(&account.id, &headers).await?;
            Ok(with_cookie(app.send_back(&account, &back)?, cookie))
        }
        Err(problem) => {
            let form = Shown { back: &back, email: &sent.email, problem, ..Shown::default() };
            Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, pages::register(&form)))
        }
    }
}

async fn subscribe(State(app): Shared, headers: HeaderMap, Form(sent): Form<Sent>) -> Answer {
    if !app.is_own_form(&headers) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let back = app.back(&sent.back);
    let reader = app.reader(&headers).await?;
    let refused = |problem, has_account| {
        let form = Shown { back: &back, email: &sent.email, plan: &sent.plan, problem };
        Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, pages::subscribe(&form, &sold(&app), has_account)))
    };
    let Some(plan) = app.config.plans.iter().find(|plan| plan.id == sent.plan) else {
        return refused("Please choose a plan.", reader.is_some());
    };
    let (mut account, cookie) = match reader {
        Some(account) => (account, None),
        None => match new_account(&app, &sent).await? {
            Ok(account) => {
                let cookie = app.begin(&account.id, &headers).await?;
                (account, Some(cookie))
            }
            Err(problem) => return refused(problem, false),
        },
    };
    let response = if plan.payment.is_empty() {
        account.plan.clone_from(&plan.id);
        account.ends = now() + DEMONSTRATION;
        app.store.subscribe(&account.id, &account.plan, account.ends, now()).await?;
        app.send_back(&account, &back)?
    } else {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let address = plan
            .payment
            .replace("{email}", &encoded(&account.email))
            .replace("{account}", &encoded(&account.id))
            .replace("{return_url}", &encoded(&back));
        redirect(&address)
    };
    Ok(match cookie {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

#[derive(Debug, Default, Deserialize)]
struct Leaving {
    #[serde(default, rename = "return")]
    back: String,
}

async fn logout(State(app): Shared, headers: HeaderMap, Form(leaving): Form<Leaving>) -> Answer {
    if !app.is_own_form(&headers) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    if let Some(secret) = session(&headers) {
        app.store.end_session(&secrets::hashed(&secret)).await?;
    }
    // Empty: the token that is kept is forgotten.
    let address = format!("{}#tollgate-token=", app.back(&leaving.back));
    Ok(with_cookie(redirect(&address), app.cookie("", 0)?))
}

async fn account(State(app): Shared, headers: HeaderMap) -> Answer {
    Ok(match app.reader(&headers).await? {
        Some(account) => {
            let plan = match (account.subscribes(now()), account.plan.as_str()) {
                (false, _) => "",
                (true, "") => "a plan",
                (true, plan) => plan,
            };
            shown(StatusCode::OK, pages::account(&account.email, plan))
        }
        None => redirect("/login?return=%2Faccount"),
    })
}

// Gifts, keys, health, files.

#[derive(Debug, Default, Deserialize)]
struct Given {
    #[serde(default)]
    article: String,
}

async fn gift(State(app): Shared, Query(given): Query<Given>, headers: HeaderMap) -> Answer {
    let Some(account) = app.reader(&headers).await?.filter(|account| account.subscribes(now())) else {
        return Ok((StatusCode::FORBIDDEN, "For subscribers.").into_response());
    };
    let article = app.back(&given.article);
    if given.article.is_empty() || article.len() > 2048 {
        return Ok((StatusCode::BAD_REQUEST, "Expected article: an address of this site.").into_response());
    }
    if !app.store.give(&account.id, &month(now()), &article, app.config.gifts).await? {
        return Ok((StatusCode::TOO_MANY_REQUESTS, "No more gifts this month.").into_response());
    }
    let token = signing::gift(&app.config.issuer, &app.config.site, &article);
    let token = token.lasting(7 * 86_400).sign(&app.key, now())?;
    let link = format!("{article}#tollgate-gift={token}");
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(json!({ "link": link }))).into_response())
}

async fn keys(State(app): Shared) -> Answer {
    let jwk: Value = serde_json::from_str(&app.key.public_jwk())?;
    Ok(axum::Json(json!({ "keys": [jwk], "attributes": app.attributes() })).into_response())
}

async fn health(State(app): Shared) -> Response {
    if app.store.is_there().await {
        "ok".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

async fn file(State(app): Shared, uri: Uri) -> Response {
    // As a form's value is decoded, in which a plus would be a blank.
    let escaped = uri.path().replace('+', "%2B");
    let path = url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map_or(String::new(), |(name, _)| name.into_owned());
    files::serve(&app.config.files, &path, &app.attributes()).await
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_are_those_of_the_calendar() {
        assert_eq!(month(0), "1970-01");
        assert_eq!(month(951_782_399), "2000-02");
        assert_eq!(month(951_868_800), "2000-03");
        assert_eq!(month(1_796_083_199), "2026-11");
        assert_eq!(month(1_796_083_200), "2026-12");
    }
}
