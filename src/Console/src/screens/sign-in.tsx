import { useState, type FormEvent } from "react";
import { ApiError, post, useCsrf, type Me } from "../api";
import { dress, langOf, wordsOf } from "../context";
import { choose, usePlace } from "../url";

/** Signing in keeps the address: whoever came by a link from a chat lands there. */
export function SignIn({ about, again }: { about: Me; again: () => Promise<void> }) {
  const { query } = usePlace();
  const lang = langOf(query);
  const words = wordsOf(lang);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  dress(lang, query.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"), false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setWrong("");
    try {
      const told = about.mustChange
        ? await post<Me>("/session/password", { old: form.get("old"), new: form.get("fresh") })
        : await post<Me>("/session", { user: form.get("user"), password: form.get("password") });
      useCsrf(told.csrf);
      await again();
    } catch (error) {
      const { status, code } = error instanceof ApiError ? error.problem : { status: 0, code: "" };
      setWrong(status === 429 ? words.signIn.wait : status === 422 ? words.signIn.weak : status === 0 || status >= 500 ? words.errors.UNREACHABLE : code === "WRONG" ? words.signIn.wrong : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="sign-in" data-testid="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
          <rect width="32" height="32" rx="6" className="brand-ground" />
          <path d="M6 22h5v4H6zM13.5 16h5v10h-5zM21 8h5v18h-5z" fill="#fff" />
          <path d="M4 12h24" stroke="#ffb000" strokeWidth="2.5" />
        </svg>
        <h1>{words.product}</h1>
        <p className="muted">{about.mustChange ? words.signIn.changeText : words.signIn.intro}</p>
        {about.mustChange ? (
          <>
            <label>{words.signIn.old}<input name="old" type="password" autoComplete="current-password" required autoFocus /></label>
            <label>{words.signIn.fresh}<input name="fresh" type="password" autoComplete="new-password" required minLength={12} /></label>
          </>
        ) : about.local ? (
          <>
            <label>{words.signIn.name}<input name="user" autoComplete="username" autoCapitalize="off" spellCheck={false} required autoFocus data-testid="name" /></label>
            <label>{words.signIn.password}<input name="password" type="password" autoComplete="current-password" required data-testid="password" /></label>
          </>
        ) : (
          !about.provider && <p>{words.signIn.noService}</p>
        )}
        {wrong && <p className="error" role="alert" data-testid="sign-in-error">{wrong}</p>}
        {(about.local || about.mustChange) && <button type="submit" className="primary" disabled={busy} data-testid="enter">{about.mustChange ? words.signIn.change : words.signIn.enter}</button>}
        {about.provider && !about.mustChange && (
          <a className="button" href={"/api/v1/session/provider?to=" + encodeURIComponent(location.pathname + location.search)} data-testid="provider">
            {words.signIn.provider} {about.provider}
          </a>
        )}
        <button type="button" className="link" lang={lang === "en" ? "zh-CN" : "en"} onClick={() => choose({ lang: lang === "en" ? "zh" : "en" }, true)}>{lang === "en" ? "中文" : "English"}</button>
      </form>
    </main>
  );
}
