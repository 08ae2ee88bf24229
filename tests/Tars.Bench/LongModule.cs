using System.Globalization;
using System.Text;

namespace Tars.Bench;

/// <summary>
/// A metascript of a wanted length that uses much of the language: many agents, functions, types and tests.
/// </summary>
internal static class LongModule
{
    private const string Head =
        """
        tars: 1
        module: plant
        version: 1.0.0
        summary: Watches many lines of one plant.

        capabilities:
          subscribe: { plant/+/reading: Reading }
          publish: { plant/+/state: Status }
          timers: { shortest: 1s }

        types:
          Level: [low, normal, high]
          Reading: { value: float, at: instant, tags: list<text> }
          Status: { level: Level, mean: float, seen: int }

        params:
          low: { type: float, value: 10, range: [0, 50], about: Below this a line is low. }
          high: { type: float, value: 90, range: [50, 100], about: Above this a line is high. }


        """;

    // One part for each block; {0} is its number.
    private const string Function =
        """
          smooth_{0}:
            with:
              values: list<float>
              weights: map<text, float>
            returns: float
            do: |
              # Newer values count more; a weight may be given by name.
              var sum = 0.0
              var total = 0.0
              for i in 0..values.len() {{
                let weight = weights.get("w{{i}}") ?? float(i + 1) / 2.0
                if weight <= 0 {{ continue }}
                sum += values[i] * weight
                total += weight
              }}
              return if total == 0 {{ 0.0 }} else {{ clamp(sum / total, 0, 100 + {0}) }}


        """;

    private const string Agent =
        """
            line_{0}:
              role: Watches line {0}
              state:
                recent: list<float> = []
                by_tag: map<text, int> = []
                level: Level = Level.normal
                seen: int = 0
              invariants:
                - recent.len() <= 61
              procedures:
                judge:
                  with: {{ mean: float }}
                  do: |
                    let upper = if mean > high {{ Level.high }} else {{ Level.normal }}
                    let next = if mean < low {{ Level.low }} else {{ upper }}
                    if next != level {{
                      log("changed", line = {0}, mean = mean)
                      level = next
                    }}
              handlers:
                start:
                  do: |
                    every 1s report
                message plant/line-{0}/reading as reading:
                  do: |
                    recent.push(reading.value)
                    if recent.len() > 60 {{ recent.remove_at(0) }}
                    for tag in reading.tags {{
                      by_tag[tag.lower()] = (by_tag.get(tag.lower()) ?? 0) + 1
                    }}
                    seen += 1
                timer report:
                  do: |
                    let mean = smooth_{0}(recent, [])
                    judge(mean)
                    match level {{
                      low => log("line {0} is low", mean = mean)
                      high => log("line {0} is high", mean = mean)
                      normal => {{
                        if seen == 0 {{ return }}
                      }}
                    }}
                    publish("plant/line-{0}/state", Status(level = level, mean = mean, seen = seen))


        """;

    private const string Test =
        """
          - name: smoothing {0} keeps what does not change
            do: |
              assert smooth_{0}([5.0, 5.0], ["w0" => 1.0, "w1" => 1.0]) == 5.0

        """;

    /// <param name="lines">At least so many; the module ends with the part that reaches it.</param>
    public static string Of(int lines)
    {
        // Each part comes once for every number, so the count of numbers follows from the length of one of each.
        int perNumber = Lines(Function) + Lines(Agent) + Lines(Test);
        int count = Math.Max(1, (lines - Lines(Head) + perNumber - 1) / perNumber);
        var text = new StringBuilder(Head);
        Append(text, "functions:\n", Function, count);
        Append(text, "agentic:\n  agents:\n", Agent, count);
        Append(text, "tests:\n", Test, count);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string head, string part, int count)
    {
        text.Append(head);
        for (int number = 1; number <= count; number++)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, part, number);
        }
    }

    private static int Lines(string text) => text.AsSpan().Count('\n');
}
