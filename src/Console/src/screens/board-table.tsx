import { memo, type ReactNode } from "react";
import { useShared } from "../context";
import { useLive } from "../live/hooks";
import { Amount, bandNames, BandTag, Flash, Link, UtilisationBar } from "../parts/basics";
import { choose, addressOf, go } from "../url";
import { sortOf, type BoardChoice, type Column } from "./board-query";
import type { ShownRow } from "./board";

const figures = new Set<Column>(["limit", "exposure", "utilisation", "available", "overdue", "days", "held"]);

interface Props {
  rows: ShownRow[];
  choice: BoardChoice;
  total: number | null;
  active: string | null;
  preview: string | null;
  onActive: (id: string) => void;
  onToggle: (id: string) => void;
  onPreview: (id: string) => void;
  children?: ReactNode;
}

export function BoardTable({ rows, choice, total, active, preview, onActive, onToggle, onPreview, children }: Props) {
  const { words } = useShared();
  const { notServing } = useLive();
  const anyActive = active !== null && rows.some((r) => r.id === active);
  const heads: Record<Column, string> = {
    band: words.board.band, customer: words.board.customer, name: words.board.name, segment: words.board.segment, country: words.board.country, owner: words.board.owner, risk: words.board.risk, limit: words.board.limit, exposure: words.board.exposure,
    utilisation: words.board.utilisation, available: words.board.available, overdue: words.board.overdue, days: words.board.days, held: words.board.held,
  };
  return (
    <table className="grid" data-testid="board" aria-rowcount={total ?? -1} aria-busy={children ? true : undefined}>
      <caption className="hidden">{words.board.caption}</caption>
      <thead>
        <tr>
          <th scope="col" className="narrow"><span className="hidden">{words.common.select}</span></th>
          {choice.columns.map((column) => <Head key={column} column={column} label={heads[column]} choice={choice} />)}
        </tr>
      </thead>
      <tbody>
        {children}
        {rows.map((shown, index) => (
          <BoardLine
            key={shown.id} id={shown.id} row={shown.row} gone={shown.gone} columns={choice.columns} index={(choice.page - 1) * choice.size + index + 1} takesFocus={active === shown.id || (index === 0 && !anyActive)}
            isSelected={choice.selected.includes(shown.id)} isPreview={preview === shown.id} isHatched={notServing.includes(shown.row.p)} onActive={onActive} onToggle={onToggle} onPreview={onPreview}
          />
        ))}
      </tbody>
    </table>
  );
}

function Head({ column, label, choice }: { column: Column; label: string; choice: BoardChoice }) {
  const sort = sortOf[column];
  const isSorted = sort === choice.sort;
  if (!sort) return <th scope="col" data-column={column}>{label}</th>;
  const next = isSorted ? (choice.descending ? sort : "-" + sort) : sort === "customer" ? sort : "-" + sort;
  return (
    <th scope="col" data-column={column} className={figures.has(column) ? "num" : undefined} aria-sort={isSorted ? (choice.descending ? "descending" : "ascending") : "none"}>
      <button type="button" className="sort" data-testid={"sort-" + sort} onClick={() => choose({ sort: next === "-util" ? null : next, page: null })}>
        {label}
        <span aria-hidden="true" className="arrow">{isSorted ? (choice.descending ? "▼" : "▲") : ""}</span>
      </button>
    </th>
  );
}

interface LineProps extends Pick<Props, "onActive" | "onToggle" | "onPreview"> {
  id: string;
  row: ShownRow["row"];
  gone: boolean;
  columns: Column[];
  index: number;
  takesFocus: boolean;
  isSelected: boolean;
  isPreview: boolean;
  isHatched: boolean;
}

/** Drawn again only when its own row changed: of a thousand changes a second most are of other rows. */
const BoardLine = memo(function BoardLine({ id, row, gone, columns, index, takesFocus, isSelected, isPreview, isHatched, onActive, onToggle, onPreview }: LineProps) {
  const { words } = useShared();
  const state = [gone ? "gone" : "", isSelected ? "selected" : "", isPreview ? "open" : "", isHatched ? "hatched" : ""].filter(Boolean).join(" ");
  return (
    <tr
      data-id={id} data-testid="row" className={state || undefined} tabIndex={takesFocus ? 0 : -1} aria-rowindex={index + 1} aria-selected={isSelected}
      onFocus={() => onActive(id)} onClick={(event) => { if (!(event.target as HTMLElement).closest("a,input,button")) onPreview(id); }} onDoubleClick={() => go(addressOf("/customers/" + id))}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onPreview(id);
      }}
    >
      <td className="narrow"><input type="checkbox" checked={isSelected} onChange={() => onToggle(id)} aria-label={`${words.common.select} ${id}`} tabIndex={-1} /></td>
      {columns.map((column) => (
        <td key={column} data-column={column} className={figures.has(column) ? "num" : undefined}>{cell(column)}</td>
      ))}
    </tr>
  );

  function cell(column: Column): ReactNode {
    switch (column) {
      case "band": return <BandTag band={bandNames[row.b]!} />;
      case "customer": return <Link to={"/customers/" + id}>{id}</Link>;
      case "name": return <span className="clip" title={row.n}>{row.n ?? ""}</span>;
      case "segment": return row.g ?? "";
      case "country": return row.y ?? "";
      case "owner": return row.o ?? "";
      case "risk": return row.r ? words.risk[row.r as keyof typeof words.risk] : words.risk.Normal;
      case "limit": return row.l === undefined ? <span className="muted">{row.k === "Unlimited" ? words.board.unlimited : words.board.noLimit}</span> : <Flash value={row.l}><Amount minor={row.l} currency={row.c} /></Flash>;
      case "exposure": return <Flash value={row.e}><Amount minor={row.e} currency={row.c} testid="exposure" /></Flash>;
      case "utilisation": return <Flash value={row.u}><UtilisationBar basisPoints={row.u} band={bandNames[row.b]!} /></Flash>;
      case "available": return <Flash value={row.a}><Amount minor={row.a} currency={row.c} /></Flash>;
      case "overdue": return row.d ? <Flash value={row.d}><Amount minor={row.d} currency={row.c} /></Flash> : <span className="muted">–</span>;
      case "days": return row.t ? <span className="fig">{row.t}</span> : <span className="muted">–</span>;
      case "held": return row.h ? <Link to="/holds" query={{ customer: id }} className="held">{row.h}</Link> : <span className="muted">–</span>;
    }
  }
});
