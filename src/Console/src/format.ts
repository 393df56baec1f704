/** Digits of the minor unit where it is not two. */
const minors: Record<string, number> = { JPY: 0, KRW: 0, VND: 0, CLP: 0, ISK: 0, KWD: 3, BHD: 3, OMR: 3, TND: 3, JOD: 3 };

export type Lang = "en" | "zh";

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(lang: Lang, digits: number): Intl.NumberFormat {
  const name = lang + digits;
  let format = formats.get(name);
  if (!format) formats.set(name, (format = new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits })));
  return format;
}

/** Minor units as an exact decimal text, such as "-12.05". */
export function decimal(minor: string, currency: string): string {
  const digits = minors[currency] ?? 2;
  const negative = minor.startsWith("-");
  const bare = (negative ? minor.slice(1) : minor).padStart(digits + 1, "0");
  const whole = bare.slice(0, bare.length - digits);
  return (negative ? "-" : "") + (digits === 0 ? whole : whole + "." + bare.slice(-digits));
}

/** Minor units with groups, exact whatever their size: the text never becomes a floating-point number. */
export function amount(minor: string, currency: string, lang: Lang): string {
  const digits = minors[currency] ?? 2;
  return numberFormat(lang, digits).format(decimal(minor, currency) as unknown as number).replace("-", "−");
}

/** Whole units, for tiles where the full figure stands beside; towards zero, so that it never says more than there is. */
export function whole(minor: string, currency: string, lang: Lang): string {
  const text = decimal(minor, currency).split(".")[0]!;
  return numberFormat(lang, 0).format(text as unknown as number).replace("-", "−");
}

/** A short form in the units of the language: 1.2M, 120万. */
export function short(minor: string, currency: string, lang: Lang): string {
  const value = Number(decimal(minor, currency));
  return new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en-GB", { notation: "compact", maximumFractionDigits: 1 }).format(value).replace("-", "−");
}

export function count(value: number, lang: Lang): string {
  return numberFormat(lang, 0).format(value);
}

/** Basis points as a share; what no limit can divide has none. */
export function share(basisPoints: number | undefined, lang: Lang): string {
  if (basisPoints === undefined || basisPoints < 0) return "–";
  if (basisPoints >= 99_990_000) return "> 999,900 %";
  return numberFormat(lang, 1).format(basisPoints / 100) + " %";
}

const plus = (value: bigint, other: bigint) => value + other;

/** Exact sum of minor units. */
export function sum(values: readonly string[]): string {
  return values.map(BigInt).reduce(plus, 0n).toString();
}

/** A share of a length for a bar; the one place where an amount may become inexact. */
export function ratio(part: string, of: string): number {
  const whole = Number(of);
  return whole === 0 ? 0 : Number(part) / whole;
}

const moments = new Map<string, Intl.DateTimeFormat>();

function momentFormat(lang: Lang, zone: string, kind: "time" | "moment" | "day"): Intl.DateTimeFormat {
  const name = lang + zone + kind;
  let format = moments.get(name);
  if (!format) {
    const day = { year: "numeric", month: lang === "zh" ? "2-digit" : "short", day: "2-digit" } as const;
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat(lang === "zh" ? "sv-SE" : "en-GB", { timeZone: zone, ...(kind === "time" ? { ...time, second: "2-digit" } : kind === "day" ? day : { ...day, ...time }) });
    moments.set(name, format);
  }
  return format;
}

export function moment(at: string | null | undefined, lang: Lang, zone: string): string {
  return at ? momentFormat(lang, zone, "moment").format(new Date(at)) : "–";
}

export function time(at: number | string, lang: Lang, zone: string): string {
  return momentFormat(lang, zone, "time").format(new Date(at));
}

/** A date without a time; it belongs to no time zone. */
export function day(at: string | null | undefined, lang: Lang): string {
  return at ? momentFormat(lang, "UTC", "day").format(new Date(at + "T00:00:00Z")) : "–";
}

/** A time on an axis; the first one of a day has its date below. */
export function axisTime(seconds: number, withDay: boolean, lang: Lang, zone: string, withSeconds = false): string {
  const at = new Date(seconds * 1_000);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}), hourCycle: "h23" }).format(at);
  return withDay ? `${clock}\n${momentFormat(lang, zone, "day").format(at)}` : clock;
}

/** The day of a moment in a time zone, as yyyy-MM-dd, some days later. */
export function dayIn(zone: string, ahead: number, now = new Date()): string {
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  return new Date(Date.parse(today + "T00:00:00Z") + ahead * 86_400_000).toISOString().slice(0, 10);
}

/** The moment at which clocks of a time zone show an hour of a day. */
export function hourOf(day: string, hour: number, zone: string): Date {
  const wall = Date.parse(`${day}T${String(hour).padStart(2, "0")}:00:00Z`);
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  // What the zone's clocks show at a guess says how far off the guess is; once more, where a clock was put forward in between.
  let at = wall;
  for (let i = 0; i < 2; i++) at += wall - Date.parse(parts.format(new Date(at)).replace(" ", "T") + "Z");
  return new Date(at);
}
