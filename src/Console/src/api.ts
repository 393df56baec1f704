/** What the API says when it refuses: a stable code, a sentence, the id of the trace. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  traceId?: string;
  by?: string;
  step?: string;
  at?: string;
  otherReason?: string;
}

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export interface Me {
  user: string | null;
  roles: string[];
  authority: string;
  segments: string[];
  csrf: string;
  mustChange: boolean;
  endsAt: string;
  local: boolean;
  provider: string | null;
  baseCurrency: string;
  timeZone: string;
  environment: string;
  /** Address of the operators' dashboard; "" for none. */
  grafana: string;
  /** Address of the Orleans Dashboard, told to administrators of a cluster; "" for none. */
  orleans: string;
}

let csrf = "";
let signedOut: () => void = () => undefined;
let asked = Date.now();

/** When something was last asked of the service by the person, which is what keeps a session. */
export const lastAsked = () => asked;

export function useCsrf(token: string) {
  csrf = token;
}

export function whenSignedOut(listener: () => void) {
  signedOut = listener;
}

async function answer(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get("content-type") ?? "";
  const body: unknown = type.includes("json") ? await response.json() : await response.text();
  if (response.ok) return body;
  const told = (typeof body === "object" ? body : {}) as Partial<Problem>;
  if (response.status === 401 && told.code === "NO_KEY") signedOut();
  throw new ApiError({ ...told, status: response.status, code: told.code ?? "HTTP_" + response.status, detail: told.detail ?? response.statusText });
}

function unreachable(): never {
  throw new ApiError({ status: 0, code: "UNREACHABLE", detail: "" });
}

/** Reads; `background` marks what a page asks by itself, which is nobody's activity. */
export async function get<T>(path: string, signal?: AbortSignal, background = false): Promise<T> {
  if (!background) asked = Date.now();
  const response = await fetch("/api/v1" + path, { signal, headers: background ? { "X-Background": "1" } : {} }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return unreachable();
  });
  return (await answer(response)) as T;
}

/** A new idempotency key: one per form that is opened, so that two clicks decide once. */
export function newKey(): string {
  return crypto.randomUUID();
}

export async function send<T>(method: "POST" | "DELETE", path: string, body?: unknown, key: string = newKey()): Promise<T> {
  asked = Date.now();
  const headers: Record<string, string> = { "X-Csrf-Token": csrf, "Idempotency-Key": key };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch("/api/v1" + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) }).catch(unreachable);
  return (await answer(response)) as T;
}

export const post = <T>(path: string, body?: unknown, key?: string) => send<T>("POST", path, body, key);
