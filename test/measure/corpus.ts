// What checkpoints make of the answers in test/corpus: npm run measure:corpus
import { corpusOf, examine } from "../corpus/corpus.ts";

const files = {
  "answers written with the rules in mind, to graphs of scalars": "scalars",
  "the same, to layers of tensors": "layers",
  "wrong answers by somebody who had not seen the rules": "blind",
};
for (const [title, file] of Object.entries(files)) {
  const graphs = corpusOf(file);
  const { right, rightRejected, wrong, wrongAccepted, modelled, first, later, undiagnosed, misdiagnosed, times } =
    await examine(graphs);
  const share = (count: number): string => `${count} (${((100 * count) / modelled).toFixed(1)} %)`;
  console.log(`${title}: ${graphs.length} graphs`);
  console.log(`  ${right} right answers, ${rightRejected.length} rejected`);
  console.log(
    `  ${wrong} wrong answers, ${wrongAccepted.length} accepted; ${modelled} of them known slips or thoughts`,
  );
  console.log(`  named among the reasons ${share(first + later.length)}, first ${share(first)}`);
  const half = times[times.length >> 1]!;
  console.log(
    `  a verdict on a wrong one took ${half.toFixed(1)} ms (median), the slowest ${times.at(-1)!.toFixed(0)} ms`,
  );
  for (const text of [...rightRejected, ...wrongAccepted, ...undiagnosed, ...misdiagnosed]) console.log(`    ${text}`);
}
