// Uses the types of openapi-typescript with openapi-fetch. `requests.ts` has the example requests as typed literals.
import createClient from "openapi-fetch";
import type { paths } from "./adlrisk";
import * as requests from "./requests";

declare const process: { argv: string[] };
const [url, laterUrl] = process.argv.slice(2);

async function main(): Promise<void> {
  const client = createClient<paths>({ baseUrl: url });

  const score = await client.POST("/score", { body: requests.score });
  const batch = await client.POST("/scores", { body: requests.scores });
  const ranked = await client.POST("/queue/rank", { body: requests.queue_rank });
  if (!score.data || !batch.data || !ranked.data) throw new Error("a request of the README has failed");

  const refused = await client.POST("/score", { body: requests.refused });
  if (!refused.error) throw new Error("the failing request has not failed");

  const later = await createClient<paths>({ baseUrl: laterUrl }).POST("/score", { body: requests.score });
  if (!later.data) throw new Error("the later answer has not been understood");

  console.log(
    JSON.stringify({
      score: score.data.score,
      band: score.data.band,
      actions: score.data.actions.map((action) => action.action),
      batch: batch.data.results.map((result) => ("score" in result ? result.score : result.status)),
      ranked: ranked.data.queues.long?.positions?.map((row) => row.id),
      problem: refused.error.type,
      pointers: refused.error.errors.map((error) => error.pointer),
      later: [later.data.band, later.data.venue.id, ...later.data.actions.map((action) => action.action)],
    }),
  );
}

main();
