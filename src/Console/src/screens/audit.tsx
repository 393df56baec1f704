import { useState } from "react";
import { get } from "../api";
import type { Records } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { Export, Failed, Forbidden, Link, useGet } from "../parts/basics";
import { Table } from "../parts/table";
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
  const asked = Object.fromEntries(["subject", "kind", "customer", "day"].flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])));
  const api = new URLSearchParams({ limit: "100", ...asked });
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
        <Export of="audit" query={asked} />
      </form>
      {first.problem && <Failed problem={first.problem} />}
      {first.data && rows.length === 0 && <p className="empty">{words.common.noMatch}</p>}
      {rows.length > 0 && (
        <Table
          rows={rows} caption={words.audit.caption} keyOf={(r) => r.id} testid="audit" rowTestid="audit-row"
          columns={[
            { head: words.common.time, when: true, of: (r) => moment(r.at, lang, zone) },
            { head: words.audit.person, of: (r) => r.actor || <span className="muted">{words.common.rule}</span> },
            { head: words.audit.what, of: (r) => <code className="nowrap">{r.type}</code> },
            { head: words.board.customer, of: (r) => r.customer && <Link to={"/customers/" + r.customer}>{r.customer}</Link> },
            { head: words.customer.outcome, of: (r) => <>{outcomeWord(words, r.outcome)}{r.reasonCode ? ` · ${r.reasonCode}` : ""}</> },
            { head: words.audit.detail, of: (r) => <span className="asked muted">{[r.before && r.after ? [`${text(r.before)} → ${text(r.after)}`] : [], Object.entries(r).filter(([k, v]) => !hidden.has(k) && v !== "" && v !== null && v !== r.type && !(r.before && r.after && (k === "before" || k === "after"))).map(([k, v]) => `${k}: ${text(v)}`)].flat().join(", ")}</span> },
          ]}
        />
      )}
      {cursor && <button type="button" className="quiet" onClick={() => void get<Records>(`/audit?${api.toString()}&cursor=${cursor}`).then((next) => setMore({ of: api.toString(), rows: [...(extra?.rows ?? []), ...(next.rows as unknown as AuditRow[])], cursor: next.cursor }))}>{words.customer.loadMore}</button>}
    </>
  );
}
