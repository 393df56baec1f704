import { useState } from "react";
import { get } from "../api";
import type { Records } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { Failed, Forbidden, Link, useGet } from "../parts/basics";
import { choose, usePlace } from "../url";
import { Chain } from "./chain";

interface AuditRow {
  id: string;
  at: string;
  type: string;
  customer?: string;
  actor?: string;
  outcome?: string;
  reasonCode?: string;
  [field: string]: unknown;
}

const text = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Who did what, when, and what became of it; nothing here can be changed. */
export function Audit() {
  const { words, lang, zone, may } = useShared();
  const { query } = usePlace();
  const allowed = may("Auditor");
  const api = new URLSearchParams({ limit: "100" });
  for (const name of ["subject", "kind", "customer", "day"]) if (query.get(name)) api.set(name, query.get(name)!);
  const file = new URLSearchParams(api);
  file.delete("limit");
  file.set("lang", lang);
  const first = useGet<Records>(allowed ? "/audit?" + api.toString() : null);
  const [more, setMore] = useState<{ of: string; rows: AuditRow[]; cursor?: string | null } | null>(null);
  if (!allowed) return <Forbidden text={words.audit.onlyAuditor} />;
  const extra = more?.of === api.toString() ? more : null;
  const rows = [...((first.data?.rows ?? []) as unknown as AuditRow[]), ...(extra?.rows ?? [])];
  const cursor = extra ? extra.cursor : first.data?.cursor;
  const hidden = new Set(["id", "at", "time", "type", "customer", "actor", "outcome", "reasonCode", "outcomeDetail", "key", "authority", "told", "hash"]);
  return (
    <>
      <h1>{words.nav.audit}</h1>
      <Chain />
      <form
        className="filters" data-filters
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          choose({ subject: String(form.get("subject")), kind: String(form.get("kind")), customer: String(form.get("customer")), day: String(form.get("day")) });
        }}
      >
        {([["subject", words.audit.subjectFilter], ["kind", words.audit.kindFilter], ["customer", words.board.customer]] as const).map(([name, label]) => <input key={name + (query.get(name) ?? "")} name={name} defaultValue={query.get(name) ?? ""} placeholder={label} aria-label={label} />)}
        <input key={"day" + (query.get("day") ?? "")} type="date" name="day" defaultValue={query.get("day") ?? ""} aria-label={words.chain.day} title={words.chain.day} data-testid="audit-day" />
        <button type="submit">{words.common.apply}</button>
        <a className="button quiet" href={"/api/v1/audit/export?" + file.toString()} download data-testid="export">{words.common.export}</a>
      </form>
      {first.problem && <Failed problem={first.problem} />}
      {first.data && rows.length === 0 && <p className="empty">{words.audit.empty}</p>}
      {rows.length > 0 && (
        <div className="scroll">
          <table className="grid" data-testid="audit">
            <caption className="hidden">{words.audit.caption}</caption>
            <thead>
              <tr>
                <th scope="col">{words.common.time}</th>
                <th scope="col">{words.audit.person}</th>
                <th scope="col">{words.audit.what}</th>
                <th scope="col">{words.board.customer}</th>
                <th scope="col">{words.customer.outcome}</th>
                <th scope="col">{words.audit.detail}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.id} data-id={r.id} data-testid="audit-row">
                  <td className="when">{moment(r.at, lang, zone)}</td>
                  <td>{r.actor || <span className="muted">{words.common.rule}</span>}</td>
                  <td><code>{r.type}</code></td>
                  <td>{r.customer && <Link to={"/customers/" + r.customer}>{r.customer}</Link>}</td>
                  <td>{outcomeWord(words, r.outcome)}{r.reasonCode ? ` · ${r.reasonCode}` : ""}</td>
                  <td className="asked">{[r.before && r.after ? [`${text(r.before)} → ${text(r.after)}`] : [], Object.entries(r).filter(([k, v]) => !hidden.has(k) && v !== "" && v !== null && v !== r.type && !(r.before && r.after && (k === "before" || k === "after"))).map(([k, v]) => `${k}: ${text(v)}`)].flat().join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {cursor && <button type="button" className="quiet" onClick={() => void get<Records>(`/audit?${api.toString()}&cursor=${cursor}`).then((next) => setMore({ of: api.toString(), rows: [...(extra?.rows ?? []), ...(next.rows as unknown as AuditRow[])], cursor: next.cursor }))}>{words.customer.loadMore}</button>}
    </>
  );
}
