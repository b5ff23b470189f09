import { AirfleetApiError } from "@airfleet/sdk";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { client } from "../client/client.ts";
import { Problem } from "../region/problem.tsx";
import { useWords } from "../words/use-words.tsx";
import { sessionQuery } from "./session.ts";

const refusal = (error: unknown): "TOKEN_UNKNOWN" | "TOKEN_EXPIRED" | undefined =>
  error instanceof AirfleetApiError && (error.code === "TOKEN_UNKNOWN" || error.code === "TOKEN_EXPIRED")
    ? error.code
    : undefined;

/** The page of servers that ask everybody for a token. */
export const SignIn = () => {
  const { session } = useWords();
  const queries = useQueryClient();
  const id = useId();
  const signIn = useMutation({
    mutationFn: (token: string) => client.createSession({ body: { token } }),
    onSuccess: (answer) => {
      // What somebody else saw here is not for whoever comes now.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      queries.setQueryData(sessionQuery.queryKey, answer);
    },
  });
  const refused = refusal(signIn.error);
  return (
    <main className="sign-in">
      <div className="region">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const token = new FormData(event.currentTarget).get("token");
            signIn.mutate(typeof token === "string" ? token.trim() : "");
          }}
        >
          <h1>{session.title}</h1>
          <p>{session.lede}</p>
          <div className="field" data-bad={refused === undefined ? undefined : ""}>
            <label htmlFor={id}>{session.token}</label>
            <input
              id={id}
              className="input mono"
              name="token"
              type="password"
              autoComplete="current-password"
              required
              // The only thing to do on this page.
              autoFocus
              aria-invalid={refused !== undefined}
              aria-describedby={`${id}-help`}
            />
            <small id={`${id}-help`} role={refused === undefined ? undefined : "alert"}>
              {refused === "TOKEN_UNKNOWN"
                ? session.wrong
                : refused === "TOKEN_EXPIRED"
                  ? session.expired
                  : session.how}
            </small>
          </div>
          {signIn.error !== null && refused === undefined && <Problem error={signIn.error} />}
          <button className="btn" data-kind="primary" type="submit" disabled={signIn.isPending}>
            {signIn.isPending ? session.signingIn : session.signIn}
          </button>
        </form>
      </div>
    </main>
  );
};
