/** One answer of the mock. `{results}` becomes what the tools have returned. */
export interface Turn {
  thinks?: string;
  says?: string;
  calls?: readonly (readonly [name: string, input: object])[];
}

/** What the mock says to each prompt, one turn after the other; without a turn it never answers. */
export const SCENES: Readonly<Record<string, readonly Turn[]>> = {
  "Why is the sky blue?": [{ thinks: "Rayleigh, of course.", says: "Because air scatters blue light more than red." }],
  "Name a colour.": [{ says: "Blue." }],

  "What is the weather": [
    {
      thinks: "I have to look.",
      calls: [
        ["get_weather", { city: "Oslo" }],
        ["get_weather", { city: "Lima" }],
      ],
    },
    { says: "The thermometers say {results}." },
  ],
  "Which of them is warmer?": [{ says: "Lima." }],

  "Count the words": [{ calls: [["count_words", { files: ["a.txt", "b.txt"] }]] }, { says: "There are {results} words." }],

  "Clean up": [
    {
      calls: [
        ["delete_file", { path: "scratch/cache" }],
        ["delete_file", { path: "/home/diary.txt" }],
      ],
    },
    { says: "This is what came of it: {results}." },
  ],
  "Pay the bill.": [{ calls: [["pay", { amount: 120 }]] }, { says: "The bank says {results}." }],

  "Describe Oslo": [{ says: '{"name":"Oslo","country":"Norway","rivers":["Akerselva","Alna"]}' }],
  "How many people live in Oslo?": [{ says: '{"people":"quite a few"}' }, { says: '{"people":717710}' }],

  "Think aloud": [{ says: "<think>17 has no divisors but 1 and itself.</think>Yes, 17 is prime." }],
  "Is 2027 prime?": [{ thinks: "45 squared is 2025, so primes up to 43 are enough.", says: "Yes, 2027 is prime." }],

  "What do these pictures show?": [{ says: "A mock sees nothing, but three pictures have arrived." }],
  "Tell me a long story.": [{ says: "Once upon a time there was a stream. ".repeat(20) }],
  "Take your time.": [],
  "What is 17 + 25?": [{ calls: [["math_add", { a: 17, b: 25 }]] }, { says: "The server says {results}." }],
};
