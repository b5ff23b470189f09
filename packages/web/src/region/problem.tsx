import { AirfleetApiError } from "@airfleet/sdk";
import { toFailing } from "../client/client.ts";
import { useWords } from "../words/use-words.tsx";

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A failed read or write: what happened in a sentence, its code, and what can be done. */
export const Problem = ({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) => {
  const { failing } = useWords();
  const kind = toFailing(error);
  const sentences = {
    offline: failing.offline,
    broken: failing.broken,
    missing: failing.missing,
    forbidden: failing.forbidden(error instanceof AirfleetApiError ? error.code : ""),
    "signed-out": failing.forbidden("401"),
    refused: messageOf(error),
  } as const;
  return (
    <div className="problem" role="alert">
      <p>{sentences[kind]}</p>
      {error instanceof AirfleetApiError && (
        <dl>
          <dt>{failing.code}</dt>
          <dd className="mono">{error.code}</dd>
          {kind === "broken" && (
            <>
              <dt>{failing.request}</dt>
              <dd>{messageOf(error)}</dd>
            </>
          )}
        </dl>
      )}
      {retry !== undefined && (
        <button className="btn" type="button" onClick={retry}>
          {failing.again}
        </button>
      )}
    </div>
  );
};
