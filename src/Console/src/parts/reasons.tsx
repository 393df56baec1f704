import type { Policy } from "../contract";
import { useShared } from "../context";
import { useGet } from "./basics";

/** What a person may say for a release, or against one: the codes of the policy in force; none until they are here. */
export function useReasons(forRelease: boolean) {
  const { data, problem } = useGet<Policy>("/policy");
  return { problem, codes: (data?.reasonCodes ?? []).filter((r) => (forRelease ? r.forRelease : r.forRefusal)) };
}

/** One of them; the house's own have no other name than themselves. Nobody can choose before there is a choice. */
export function ReasonChoice({ codes, value, choose, ...rest }: { codes: Policy["reasonCodes"]; value: string; choose: (code: string) => void; id?: string; "data-testid": string }) {
  const { words } = useShared();
  return (
    <select {...rest} disabled={codes.length === 0} value={value} onChange={(event) => choose(event.target.value)}>
      <option value="" />
      {codes.map(({ code }) => <option key={code} value={code ?? ""}>{words.holds.codes[code as keyof typeof words.holds.codes] ?? code}</option>)}
    </select>
  );
}
