//! The pages: subscribe, log in, register, account, in the demo newspaper's look. Plain HTML; they work without JavaScript.

/// What a form begins with, and what was wrong with what was sent.
#[derive(Debug, Default)]
pub struct Form<'a> {
    /// Where the reader goes back to.
    pub back: &'a str,
    /// The address that was typed.
    pub email: &'a str,
    /// The plan that is chosen.
    pub plan: &'a str,
    /// What was wrong; empty for nothing.
    pub problem: &'a str,
}

/// A text, for HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A whole page around this main part.
#[must_use]
pub fn page(title: &str, main: &str) -> String {
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} | The Meridian</title>
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/meridian.css">
<link rel="stylesheet" href="/demo.css">
</head>
<body>
<a class="skip" href="#main">Skip to the form</a>
<header class="masthead"><div class="masthead-name"><p class="nameplate"><a href="/">The Meridian</a></p></div></header>
<main id="main" class="desk" tabindex="-1">
{main}
</main>
</body>
</html>
"##
    )
}

fn hidden(name: &str, value: &str) -> String {
    format!(r#"<input type="hidden" name="{name}" value="{}">"#, escaped(value))
}

fn problem(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(r#"<p class="form-problem" role="alert" id="problem">{}</p>"#, escaped(text))
}

fn credentials(form: &Form<'_>, password: &str) -> String {
    let described =
        if form.problem.is_empty() { "" } else { r#" aria-invalid="true" aria-describedby="problem""# };
    format!(
        r#"<label class="field" for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" required maxlength="254" value="{}"{described}>
<label class="field" for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="{password}" required minlength="8" maxlength="200"{described}>"#,
        escaped(form.email)
    )
}

fn other(text: &str, path: &str, label: &str, back: &str) -> String {
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("return", back).finish();
    format!(r#"<p class="other">{text} <a href="{path}?{}">{label}</a></p>"#, escaped(&query))
}

/// The log-in page.
#[must_use]
pub fn login(form: &Form<'_>) -> String {
    let main = format!(
        r#"<h1>Log in</h1>
<p class="standfirst">Welcome back. Your article is where you left it.</p>
<form class="form" method="post" action="/login">
{}{}{}
<button type="submit" class="button">Log in</button>
</form>
{}"#,
        problem(form.problem),
        hidden("return", form.back),
        credentials(form, "current-password"),
        other("No account yet?", "/register", "Make one, it is free", form.back),
    );
    page("Log in", &main)
}

/// The page that makes an account.
#[must_use]
pub fn register(form: &Form<'_>) -> String {
    let main = format!(
        r#"<h1>Create a free account</h1>
<form class="form" method="post" action="/register">
{}{}{}
<button type="submit" class="button">Create the account</button>
</form>
{}"#,
        problem(form.problem),
        hidden("return", form.back),
        credentials(form, "new-password"),
        other("You have one?", "/login", "Log in", form.back),
    );
    page("Create a free account", &main)
}

/// The page that sells. `plans`: ids and names. For a reader without an account it makes one.
#[must_use]
pub fn subscribe(form: &Form<'_>, plans: &[(String, String)], has_account: bool) -> String {
    let choices: String = plans
        .iter()
        .map(|(id, name)| {
            let checked = if id == form.plan { " checked" } else { "" };
            format!(
                "<label><input type=\"radio\" name=\"plan\" value=\"{}\"{checked} required><span class=\"choice-name\">{}</span></label>\n",
                escaped(id),
                escaped(name)
            )
        })
        .collect();
    let main = format!(
        r#"<h1>Subscribe to The Meridian</h1>
<form class="form" method="post" action="/subscribe">
{}{}
<fieldset class="choice"><legend>Your plan</legend>
{choices}</fieldset>
{}
<button type="submit" class="button">Subscribe</button>
</form>
<p class="demo-note"><strong>This is a demonstration.</strong> Nothing is charged unless this server was given a payment link.</p>
{}"#,
        problem(form.problem),
        hidden("return", form.back),
        if has_account { String::new() } else { credentials(form, "new-password") },
        if has_account {
            String::new()
        } else {
            other("Already a subscriber?", "/login", "Log in", form.back)
        },
    );
    page("Subscribe", &main)
}

/// What a reader sees of the own account.
#[must_use]
pub fn account(email: &str, plan: &str) -> String {
    let plan = if plan.is_empty() {
        "No subscription.".to_owned()
    } else {
        format!("Subscribed: {}.", escaped(plan))
    };
    let main = format!(
        r#"<h1>Your account</h1>
<p>{}. {plan}</p>
<form class="form" method="post" action="/logout"><button type="submit" class="button">Log out</button></form>
<p class="other"><a href="/">To the front page</a></p>"#,
        escaped(email)
    );
    page("Your account", &main)
}
