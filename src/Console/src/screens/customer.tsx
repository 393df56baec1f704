import { useEffect, useMemo, useState } from "react";
import type { CreditGroup, Customer as CustomerRow, Documents, Limit, PastFigures, Records } from "../contract";
import { useShared } from "../context";
import { Ageing } from "../charts/ageing";
import type { Point } from "../charts/timeline";
import { Waterfall } from "../charts/waterfall";
import { count, day, dayIn, moment, time } from "../format";
import { useView } from "../live/hooks";
import { Amount, BandTag, Failed, Flash, Link, Missing, useGet, UtilisationBar } from "../parts/basics";
import { later } from "../parts/later";
import { Table } from "../parts/table";
import { addressOf, choose, go, usePlace } from "../url";
import { CustomerEvents } from "./customer-events";
import { CustomerItems, PartItems } from "./customer-items";
import { Score } from "./customer-score";
import { CustomerHistory, Signals } from "./customer-history";
import { LimitRequest } from "./limit-request";
import { bandOf, type Part } from "./figures";
import { WhatIf } from "./what-if";

const Timeline = later(() => import("../charts/timeline").then((m) => m.Timeline), <div className="timeline-room" />);

const tabs = ["overview", "items", "orders", "events", "signals", "score", "history", "whatIf"] as const;
type Tab = (typeof tabs)[number];

export function Customer({ id }: { id: string }) {
  const { words, lang, zone, boardWords, may, me } = useShared();
  const { query } = usePlace();
  const told = query.get("tab") as Tab | null;
  const tab: Tab = told && tabs.includes(told) ? told : "overview";
  const asOf = query.get("asof");
  const first = useGet<CustomerRow>(`/customers/${encodeURIComponent(id)}`);
  const past = useGet<PastFigures>(asOf ? `/customers/${encodeURIComponent(id)}/as-of?at=${encodeURIComponent(asOf)}` : null);
  const known = first.data !== null;
  const view = useView<CustomerRow>(known && !asOf ? "customer:" + id : null);
  const row = view?.rows.get(id) ?? first.data;
  const seq = row?.asOf.seq;
  const documents = useGet<Documents>(known ? `/customers/${id}/documents` : null);
  const group = useGet<CreditGroup>(known && !asOf ? `/customers/${encodeURIComponent(id)}/group` : null).data;
  const limit = useGet<Limit>(known ? `/customers/${id}/limit` : null);
  const [asking, setAsking] = useState(query.get("do") === "limit");
  useEffect(() => {
    documents.reload();
    limit.reload();
  }, [seq]);

  if (first.problem && first.problem.status === 404) return <Missing />;
  if (first.problem) return <Failed problem={first.problem} />;
  if (!row) return <p className="muted" aria-busy="true">{words.common.loading}</p>;
  const figures = asOf ? past.data : row;
  const band = figures ? bandOf(figures, boardWords) : "within";
  const temporary = limit.data?.temporary.filter((t) => !t.ended) ?? [];
  const currency = figures?.currency ?? row.currency ?? "";
  // What was decided, beside what serves after all rules: a temporary limit, a season, a cover or the group may make another of it.
  const today = dayIn(me.timeZone, 0);
  const permanent = asOf ? undefined : limit.data?.steps.find((s) => (s.from ?? "") <= today && (s.to === null || today < s.to));
  return (
    <article className={asOf ? "past" : undefined} data-testid="customer" data-id={id} data-seq={seq}>
      {asOf && (
        <div className="banner banner-past" data-testid="past">
          {words.live.past(moment(asOf, lang, zone))} <button type="button" className="link" onClick={() => choose({ asof: null })}>{words.live.toNow}</button>
        </div>
      )}
      <div className="head">
        <div>
          <div className="title">
            <h1>{first.data?.name ?? id}</h1>
            <BandTag band={band} />
          </div>
          <p className="muted">
            <span className="fig">{id}</span>
            {[row.segment, row.country, row.controller].filter(Boolean).map((w) => <span key={w}> · {w}</span>)}
            {group?.parent && <span> · {words.board.group} <Link to={"/groups/" + encodeURIComponent(group.parent)} testid="to-group">{group.path.at(-2)?.name ?? group.parent}</Link></span>}
            {(group?.memberCount ?? 0) > 0 && <span> · <Link to={"/groups/" + encodeURIComponent(id)} testid="to-own-group">{words.group.ownGroup(count(group!.memberCount!, lang))}</Link></span>}
            {/* Before what comes and goes: nothing pushes it aside. */}
            {!asOf && <span data-testid="as-of" style={{ visibility: view ? undefined : "hidden" }}> · {words.customer.asOf} <span className="fig">{time(view?.asOf ?? 0, lang, zone)}</span></span>}
            {row.riskState !== "Normal" && <strong> · {words.risk[row.riskState as keyof typeof words.risk]}</strong>}
          </p>
        </div>
        <div className="head-actions">
          {!asOf && (
            <button type="button" aria-disabled={!may("Analyst", "Approver")} title={may("Analyst", "Approver") ? undefined : words.holds.roleMissing(words.roles.Analyst)} onClick={() => may("Analyst", "Approver") && setAsking(!asking)} data-testid="request-limit">
              {words.customer.setLimit}
            </button>
          )}
          <CopyLink />
        </div>
      </div>
      {asking && !asOf && <LimitRequest id={id} row={row} version={limit.data?.version ?? 0} close={() => setAsking(false)} done={() => { limit.reload(); }} />}
      {past.problem && asOf && <Failed problem={past.problem} />}
      {figures && (
        <dl className="facts">
          <Fact label={words.board.exposureTile} value={<Flash value={figures.gross ?? ""}><Amount minor={figures.gross} currency={currency} code testid="gross" /></Flash>} strong />
          <Fact label={words.customer.limitNow} value={figures.limitKind === "Amount" ? <Flash value={figures.limit ?? ""}><Amount minor={figures.limit} currency={currency} code testid="limit-now" /></Flash> : <span className="muted">{figures.limitKind === "Unlimited" ? words.board.unlimited : words.board.noLimit}</span>} />
          {figures.limitKind === "Amount" && <Fact label={figures.breached ? words.customer.over : words.customer.available} value={<Flash value={figures.available ?? ""}><Amount minor={(figures.available ?? "0").replace(figures.breached ? /^-/ : /^$/, "")} currency={currency} code /></Flash>} />}
          <Fact label={words.board.utilisation} value={<UtilisationBar basisPoints={figures.utilisationBp ?? undefined} band={band} steps />} />
          <Fact label={words.customer.netRisk} value={<Amount minor={figures.netRisk} currency={currency} code />} />
          <Fact label={<>{words.board.overdue}{figures.oldestDays ? " · " + words.customer.late(figures.oldestDays) : ""}</>} value={<Amount minor={figures.overdue} currency={currency} code />} />
          <Fact label={words.customer.components.reserved} value={figures.components.reserved === "0" ? <span className="muted">–</span> : <Amount minor={figures.components.reserved} currency={currency} code />} />
          {permanent && (permanent.kind !== figures.limitKind || (permanent.kind === "Amount" && permanent.amount !== figures.limit)) && (
            <Fact label={words.customer.permanent} value={permanent.kind === "Amount" ? <Amount minor={permanent.amount} currency={limit.data!.currency ?? currency} code testid="permanent" /> : <span className="muted">{permanent.kind === "Unlimited" ? words.board.unlimited : words.board.noLimit}</span>} />
          )}
          {!asOf && temporary.map((t) => (
            <Fact key={t.temporaryId} label={words.customer.temporary} value={<span><Amount minor={t.amount} currency={t.currency ?? currency} code /> <span className="muted">{words.customer.until(day(t.to?.slice(0, 10), lang), Math.max(0, Math.ceil((new Date(t.to ?? 0).getTime() - Date.now()) / 86_400_000)))}</span></span>} />
          ))}
        </dl>
      )}
      <div className="tabs" role="tablist" aria-label={words.nav.sections}>
        {tabs.filter((t) => !asOf || t === "overview").map((t) => (
          <button key={t} type="button" role="tab" id={"tab-" + t} aria-selected={tab === t} aria-controls="tab-panel" onClick={() => choose({ tab: t === "overview" ? null : t })} data-testid={"tab-" + t}>{words.customer.tabs[t]}</button>
        ))}
      </div>
      <section role="tabpanel" id="tab-panel" aria-labelledby={"tab-" + tab}>
        {tab === "overview" && figures && <Overview id={id} figures={figures} documents={asOf ? null : documents.data} isPast={asOf !== null} />}
        {!asOf && tab === "items" && documents.data && <CustomerItems documents={documents.data} />}
        {!asOf && tab === "orders" && documents.data && <Orders id={id} documents={documents.data} />}
        {!asOf && tab === "events" && <CustomerEvents id={id} seq={seq} />}
        {!asOf && tab === "signals" && <Signals id={id} seq={seq} />}
        {!asOf && tab === "score" && <Score id={id} />}
        {!asOf && tab === "history" && <CustomerHistory id={id} seq={seq} />}
        {!asOf && tab === "whatIf" && <WhatIf id={id} currency={currency} />}
      </section>
    </article>
  );
}

export function Fact({ label, value, strong }: { label: React.ReactNode; value: React.ReactNode; strong?: boolean }) {
  return (
    <div className={strong ? "fact strong" : "fact"}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function CopyLink() {
  const { words } = useShared();
  const [done, setDone] = useState(false);
  return (
    <button type="button" className="quiet" onClick={() => void navigator.clipboard.writeText(location.href).then(() => { setDone(true); setTimeout(() => setDone(false), 2_000); })}>
      {done ? words.common.copied : words.common.copyLink}
    </button>
  );
}

function Overview({ id, figures, documents, isPast }: { id: string; figures: CustomerRow | PastFigures; documents: Documents | null; isPast: boolean }) {
  const { words } = useShared();
  const { query } = usePlace();
  const open = query.get("part") as Part | null;
  const decisions = useGet<Records>(isPast ? null : `/decisions?customer=${id}&limit=500`);
  const points = useMemo<Point[]>(() => {
    const told = (decisions.data?.rows ?? []) as { at?: string; figures?: { gross?: string; limit?: string; limitKind?: string; currency?: string } }[];
    const list = told.filter((d) => d.figures && d.at).map((d) => ({ at: new Date(d.at!).getTime() / 1_000, gross: d.figures!.gross ?? "0", limit: d.figures!.limitKind === "Amount" ? (d.figures!.limit ?? "0") : null })).reverse();
    if (list.length > 0) list.push({ at: Date.now() / 1_000, gross: figures.gross ?? "0", limit: figures.limitKind === "Amount" ? (figures.limit ?? "0") : null });
    return list.filter((p, i) => i === 0 || p.at > list[i - 1]!.at);
  }, [decisions.data, figures.gross, figures.limit]);
  return (
    <div className="columns">
      <section className="card">
        <h2>{words.customer.waterfall}</h2>
        <Waterfall figures={figures} open={open} onOpen={documents ? (part) => choose({ part: part === open ? null : part }) : undefined} />
        {documents && open && <PartItems id={id} part={open} figures={figures} documents={documents} />}
      </section>
      <section className="card">
        <h2>{words.customer.ageing}</h2>
        <Ageing figures={figures} />
      </section>
      {!isPast && (
        <section className="card wide">
          <h2>{words.customer.timeline}</h2>
          <Timeline id={id} points={points} currency={figures.currency ?? ""} onBrush={(at) => go(addressOf("/customers/" + id, { asof: at.toISOString().slice(0, 19) + "Z" }))} />
        </section>
      )}
      {documents?.items.length === 0 && <p className="muted">{words.customer.noItems}</p>}
    </div>
  );
}

function Orders({ id, documents }: { id: string; documents: Documents }) {
  const { words, lang } = useShared();
  if (documents.orders.length === 0) return <p className="empty">{words.common.none}</p>;
  return (
    <Table
      rows={documents.orders} caption={words.customer.tabs.orders} keyOf={(o) => o.orderId ?? ""}
      columns={[
        { head: words.holds.order, of: (o) => (documents.holds.some((h) => h.orderId === o.orderId) ? <Link to={`/holds/${id}/${o.orderId}`}>{o.orderId}</Link> : o.orderId) },
        { head: words.common.state, of: (o) => words.states[o.state as keyof typeof words.states] ?? o.state },
        { head: words.holds.ships, of: (o) => day(o.shipOn, lang) },
        { head: words.common.currency, of: (o) => o.currency },
        { head: words.customer.ordered, figure: true, of: (o) => <Amount minor={o.ordered} currency={o.currency ?? ""} /> },
        { head: words.customer.undelivered, figure: true, of: (o) => <Amount minor={o.undelivered} currency={o.currency ?? ""} /> },
        { head: words.customer.components.delivered, figure: true, of: (o) => <Amount minor={o.deliveredNotInvoiced} currency={o.currency ?? ""} /> },
      ]}
    />
  );
}
