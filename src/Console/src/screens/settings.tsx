import { useRef, useState } from "react";
import { ApiError, newKey, post, useCsrf, type Me, type Problem } from "../api";
import type { UserMade, Users } from "../contract";
import { useShared } from "../context";
import { moment } from "../format";
import { Failed, Field, useGet } from "../parts/basics";
import { choose } from "../url";
import { roleWords } from "../words/en";

export function Settings() {
  const { words, lang, settings, keep, me, zone, compact, may } = useShared();
  const zones = [me.timeZone, "UTC", "Europe/Berlin", "Europe/London", "Asia/Shanghai", "Asia/Singapore", "America/New_York"].filter((z, i, all) => all.indexOf(z) === i);
  return (
    <>
      <h1>{words.nav.settings}</h1>
      <div className="columns">
        <section className="card">
          <Field label={words.settings.language}>{(a) => (
            <select {...a} value={lang} onChange={(event) => { keep({ lang: event.target.value as "en" | "zh" }); choose({ lang: null }, true); }} data-testid="language">
              <option value="en" lang="en">English</option>
              <option value="zh" lang="zh-CN">简体中文</option>
            </select>
          )}</Field>
          <Field label={words.settings.theme}>{(a) => (
            <select {...a} value={settings.theme ?? ""} onChange={(event) => { keep({ theme: (event.target.value || undefined) as "light" | "dark" | undefined }); choose({ theme: null }, true); }} data-testid="theme">
              <option value="">{words.settings.themes.auto}</option>
              <option value="light">{words.settings.themes.light}</option>
              <option value="dark">{words.settings.themes.dark}</option>
            </select>
          )}</Field>
          <Field label={words.keys.density}>{(a) => (
            <select {...a} value={compact ? "compact" : ""} onChange={(event) => { keep({ density: event.target.value === "compact" ? "compact" : undefined }); choose({ d: null }, true); }}>
              <option value="">{words.common.normal}</option>
              <option value="compact">{words.common.compact}</option>
            </select>
          )}</Field>
          <Field label={words.settings.zone}>{(a) => <select {...a} value={zone} onChange={(event) => keep({ zone: event.target.value })}>{zones.map((z) => <option key={z} value={z}>{z}</option>)}</select>}</Field>
          <NoticeSettings />
          <label className="check"><input type="checkbox" checked={!settings.keysOff} onChange={(event) => keep({ keysOff: !event.target.checked })} /> {words.settings.shortcutsOn}</label>
        </section>
        <section className="card">
          <h2>{words.settings.yourself}</h2>
          <p><strong>{me.user}</strong> <span className="muted">{roleWords(words, me.roles)}</span></p>
          <p className="muted">{words.settings.sessionEnds} {moment(me.endsAt, lang, zone)}</p>
          <Password />
        </section>
        {may("Admin", "Auditor") && <People />}
      </div>
    </>
  );
}

/** Off until somebody switches them on; what the browser then forbids is said. */
function NoticeSettings() {
  const { words, settings, keep } = useShared();
  const [permission, setPermission] = useState(typeof Notification === "undefined" ? "denied" : Notification.permission);
  const change = (from: string) => {
    keep({ notices: (from || undefined) as "Medium" | "High" | "Critical" | undefined, ...(from ? {} : { sound: undefined }) });
    if (from && permission === "default") void Notification.requestPermission().then(setPermission);
  };
  return (
    <>
      <Field label={words.notice.title} hint={words.notice.hint} error={settings.notices && permission !== "granted" ? words.notice.denied : null}>{(a) => (
        <select {...a} value={settings.notices ?? ""} onChange={(event) => change(event.target.value)} data-testid="notices">
          <option value="">{words.notice.off}</option>
          {(["Medium", "High", "Critical"] as const).map((s) => <option key={s} value={s}>{words.alerts.orWorse(words.alerts.severities[s])}</option>)}
        </select>
      )}</Field>
      {settings.notices && <label className="check"><input type="checkbox" checked={Boolean(settings.sound)} onChange={(event) => keep({ sound: event.target.checked || undefined })} data-testid="sound" /> {words.notice.sound}</label>}
    </>
  );
}

function Password() {
  const { words, refresh } = useShared();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [told, setTold] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const change = async () => {
    const data = new FormData(form.current!);
    setProblem(null);
    try {
      const me = await post<Me>("/session/password", { old: data.get("old"), new: data.get("fresh") });
      useCsrf(me.csrf);
      setTold(true);
      form.current?.reset();
      await refresh();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  return (
    <form ref={form} className="act" onSubmit={(event) => { event.preventDefault(); void change(); }}>
      <Field label={words.signIn.old}>{(a) => <input {...a} name="old" type="password" autoComplete="current-password" required />}</Field>
      <Field label={words.signIn.fresh} hint={words.signIn.weak}>{(a) => <input {...a} name="fresh" type="password" autoComplete="new-password" minLength={12} required />}</Field>
      {told && <p className="done" role="status">{words.signIn.changed}</p>}
      {problem && <Failed problem={problem} />}
      <button type="submit">{words.signIn.change}</button>
    </form>
  );
}

const roles = ["Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Admin", "Auditor"] as const;

function People() {
  const { words, lang, zone, may } = useShared();
  const list = useGet<Users>("/users");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [given, setGiven] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const key = useRef(newKey());
  const ask = async () => {
    const data = new FormData(form.current!);
    setProblem(null);
    try {
      const segments = String(data.get("segments")).split(",").map((s) => s.trim()).filter(Boolean);
      const made = await post<UserMade>("/users", { subject: data.get("subject"), roles: data.getAll("roles"), authority: String(data.get("authority") || "0"), ...(segments.length > 0 ? { segments } : {}) }, key.current);
      setGiven(made.password ?? "");
      list.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
    key.current = newKey();
  };
  return (
    <section className="card wide">
      <h2>{words.settings.users}</h2>
      <p className="muted">{words.settings.usersText}</p>
      <div className="scroll">
        <table className="grid" data-testid="users">
          <caption className="hidden">{words.settings.users}</caption>
          <tbody>
            {list.data?.users.map((u) => (
              <tr key={u.prefix}>
                <th scope="row">{u.subject}</th>
                <td>{roleWords(words, u.roles)}</td>
                <td className="num fig">{u.authority === "0" ? "" : u.authority}</td>
                <td>{u.segments.join(", ")}</td>
                <td><span className="tag">{words.settings.userStates[u.state as keyof typeof words.settings.userStates] ?? u.state}</span></td>
                <td className="muted">{moment(u.createdAt, lang, zone)} {u.createdBy}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {may("Admin") && (
        <form ref={form} className="act" onSubmit={(event) => { event.preventDefault(); void ask(); }}>
          <h3>{words.settings.addUser}</h3>
          <div className="row">
            <Field label={words.settings.subject}>{(a) => <input {...a} name="subject" required pattern="[A-Za-z0-9._:\-]{1,64}" />}</Field>
            <Field label={words.settings.authority}>{(a) => <input {...a} name="authority" inputMode="numeric" />}</Field>
            <Field label={words.settings.segments}>{(a) => <input {...a} name="segments" />}</Field>
          </div>
          <fieldset className="row">
            <legend>{words.settings.roles}</legend>
            {roles.map((r) => <label key={r} className="check"><input type="checkbox" name="roles" value={r} /> {words.roles[r]}</label>)}
          </fieldset>
          {given && <p className="done" role="status">{words.settings.given(given)}</p>}
          {problem && <Failed problem={problem} />}
          <button type="submit" className="primary">{words.settings.addUser}</button>
        </form>
      )}
    </section>
  );
}
