// Uses the client that openapi-generator makes with its generator typescript-fetch.
import requests from "./requests.json";
import { BooksApi, Configuration, ResponseError, ScoringApi } from "./client";
import { ProblemFromJSON, RankRequestFromJSON, ScoreRequestFromJSON, ScoresRequestFromJSON } from "./client";
import { instanceOfProblem, type Problem } from "./client";

declare const process: { argv: string[] };
const [url, laterUrl] = process.argv.slice(2);

async function readProblem(request: Promise<unknown>): Promise<Problem> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ResponseError) return ProblemFromJSON(await error.response.json());
    throw error;
  }
  throw new Error("the failing request has not failed");
}

async function main(): Promise<void> {
  const configuration = new Configuration({ basePath: url });
  const scoring = new ScoringApi(configuration);
  const scoreRequest = ScoreRequestFromJSON(requests.score);

  const score = await scoring.scorePosition({ scoreRequest });
  const batch = await scoring.scorePositions({ scoresRequest: ScoresRequestFromJSON(requests.scores) });
  const ranked = await new BooksApi(configuration).rankQueue({ rankRequest: RankRequestFromJSON(requests.queue_rank) });

  const problem = await readProblem(scoring.scorePosition({ scoreRequest: ScoreRequestFromJSON(requests.refused) }));

  const later = await new ScoringApi(new Configuration({ basePath: laterUrl })).scorePosition({ scoreRequest });

  console.log(
    JSON.stringify({
      score: score.score,
      band: score.band,
      actions: score.actions.map((action) => action.action),
      batch: batch.results.map((result) => (instanceOfProblem(result) ? result.status : result.score)),
      ranked: ranked.queues._long?.positions?.map((row) => row.id),
      problem: problem.type,
      pointers: problem.errors.map((error) => error.pointer),
      later: [later.band, later.venue.id, ...later.actions.map((action) => action.action)],
    }),
  );
}

main();
