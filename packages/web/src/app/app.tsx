import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { mayPass } from "../client/client.ts";
import { LiveProvider } from "../live/use-live.tsx";
import { Problem } from "../region/problem.tsx";
import { sessionQuery } from "../session/session.ts";
import { SignIn } from "../session/sign-in.tsx";
import { WordsProvider } from "../words/use-words.tsx";
import { router } from "./router.tsx";

/** Tries of a read before its region says that it failed. */
const TRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The event stream tells what is old; this is for what it does not tell.
      staleTime: 5_000,
      retry: (count, error) => count < TRIES && mayPass(error),
      refetchOnWindowFocus: true,
    },
  },
});

const Gate = () => {
  const session = useQuery(sessionQuery);
  if (session.data === undefined) {
    return session.error === null ? null : <Problem error={session.error} retry={() => void session.refetch()} />;
  }
  if (!session.data.signed_in) return <SignIn />;
  return (
    <LiveProvider>
      <RouterProvider router={router} />
    </LiveProvider>
  );
};

export const App = () => (
  <QueryClientProvider client={queries}>
    <WordsProvider>
      <Gate />
    </WordsProvider>
  </QueryClientProvider>
);
