import type { Concentration, Movers } from "../contract";
import { useShared } from "../context";
import { amount, count, moment, share } from "../format";
import { BandTag, Failed, Link, useFollow, type BandName } from "../parts/basics";
import { Table } from "../parts/table";
import { choose, usePlace } from "../url";
import { apiQuery, type BoardChoice } from "./board-query";

type Row<T> = { [K in keyof T]: NonNullable<T[K]> };

/** Beside the list, under the same filter: whose figures moved, or on whom the exposure rests. */
export function Aside({ choice }: { choice: BoardChoice }) {
  const { words } = useShared();
  const which = choice.aside || "movers";
  return (
    <aside className="panel" data-testid="aside" data-aside={which} aria-label={words.aside[which]}>
      <div className="panel-head">
        <h2>{words.aside[which]}</h2>
        <button type="button" className="quiet icon" onClick={() => choose({ aside: null, span: null, figure: null })} aria-label={words.common.close}>×</button>
      </div>
      {which === "movers" ? <Moved choice={choice} /> : <Rests choice={choice} />}
    </aside>
  );
}

/** Movement is an arrow with a sign: whether more exposure is good or bad the colour does not say. */
function Moved({ choice }: { choice: BoardChoice }) {
  const { words, lang, zone } = useShared();
  const { query } = usePlace();
  const span = ["hour", "24h"].find((s) => s === query.get("span")) ?? "";
  const used = query.get("figure") === "utilisation";
  const asked = new URLSearchParams([...apiQuery(choice, false), ["over", span || "day"], ["by", used ? "utilisation" : "gross"], ["limit", "15"]]);
  const { data, problem } = useFollow<Movers>("/board/movers?" + asked.toString(), 5_000);
  const rows = (data?.rows ?? []) as Row<NonNullable<Movers["rows"]>[number]>[];
  const changeOf = (r: (typeof rows)[number]) => {
    const change = used ? BigInt((r.utilisation ?? 0) - (r.utilisationWas ?? 0)) : BigInt(r.change);
    const size = (change < 0n ? -change : change).toString();
    return `${change > 0n ? "▲ +" : "▼ −"}${used ? share(Number(size), lang) : amount(size, r.currency, lang)}`;
  };
  const fromTo = (r: (typeof rows)[number]) => (used ? words.aside.from(share(r.utilisationWas, lang), share(r.utilisation, lang)) : words.aside.from(amount(r.was, r.currency, lang), amount(r.now, r.currency, lang)));
  return (
    <>
      <div className="filters" role="group" aria-label={words.board.filters}>
        <select aria-label={words.aside.span} value={span} onChange={(event) => choose({ span: event.target.value })} data-testid="mover-span">
          <option value="">{words.aside.day}</option>
          <option value="hour">{words.aside.hour}</option>
          <option value="24h">{words.board.in24h}</option>
        </select>
        <select aria-label={words.aside.figure} value={used ? "utilisation" : ""} onChange={(event) => choose({ figure: event.target.value })} data-testid="mover-figure">
          <option value="">{words.board.exposure}</option>
          <option value="utilisation">{words.board.utilisation}</option>
        </select>
      </div>
      {problem && <Failed problem={problem} />}
      {data && <p className="muted" data-testid="mover-since">{data.since ? words.aside.since(moment(data.since, lang, zone)) : words.aside.notYet}</p>}
      {data?.since && rows.length === 0 && <p className="empty">{words.aside.still}</p>}
      {rows.length > 0 && (
        <Table
          rows={rows} caption={words.aside.moversCaption} keyOf={(r) => r.customer} testid="movers" rowTestid="mover" dataOf={(r) => ({ "data-value": used ? String(r.utilisation - r.utilisationWas) : r.change })}
          columns={[
            { head: words.board.customer, of: (r) => <><Link to={"/customers/" + r.customer}>{r.customer}</Link> <span className="clip muted" title={r.name}>{r.name}</span></> },
            { head: words.aside.change, figure: true, of: (r) => <span title={fromTo(r)}>{used ? "" : <span className="code">{r.currency} </span>}{changeOf(r)}</span> },
          ]}
        />
      )}
    </>
  );
}

function Rests({ choice }: { choice: BoardChoice }) {
  const { words, lang } = useShared();
  const { data, problem } = useFollow<Concentration>("/board/concentration?" + apiQuery(choice, false).toString(), 10_000);
  if (problem) return <Failed problem={problem} />;
  if (!data) return null;
  const tops = data.tops as Row<NonNullable<Concentration["tops"]>[number]>[];
  const largest = data.largest as Row<NonNullable<Concentration["largest"]>[number]>[];
  const groups = data.groups as Row<NonNullable<Concentration["groups"]>[number]>[];
  const currency = data.currency ?? "";
  return (
    <>
      <p className="muted" data-testid="concentration-sum" data-value={data.gross}>{words.aside.inAll(`${currency} ${amount(data.gross ?? "0", currency, lang)}`, count(data.customers ?? 0, lang))}</p>
      <Table
        rows={tops} caption={words.aside.topsCaption} keyOf={(t) => String(t.top)} testid="tops" rowTestid="top" dataOf={(t) => ({ "data-value": t.gross })}
        columns={[
          { head: words.aside.concentration, of: (t) => words.aside.top(t.top) },
          { head: `${words.board.exposure} ${currency}`, figure: true, of: (t) => amount(t.gross, currency, lang) },
          { head: words.aside.share, figure: true, of: (t) => share(t.shareBp, lang) },
        ]}
      />
      <Table
        rows={largest} caption={words.aside.largestCaption} keyOf={(r) => r.customer} testid="largest"
        columns={[
          { head: words.board.customer, of: (r) => <><Link to={"/customers/" + r.customer}>{r.customer}</Link> <BandTag band={r.band as BandName} /> <span className="clip muted" title={r.name}>{r.name}</span></> },
          { head: words.aside.share, figure: true, of: (r) => share(r.shareBp, lang) },
        ]}
      />
      {groups.length > 0 && (
        <Table
          rows={groups} caption={words.aside.groupsCaption} keyOf={(g) => g.group} testid="by-group" rowTestid="group-share" dataOf={(g) => ({ "data-value": g.gross })}
          columns={[
            { head: words.board.group, of: (g) => <><Link to="/board" query={{ group: g.group }}>{g.group}</Link> <span className="clip muted" title={g.name}>{g.name}</span></> },
            { head: words.aside.share, figure: true, of: (g) => share(g.shareBp, lang) },
          ]}
        />
      )}
    </>
  );
}
