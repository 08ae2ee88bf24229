namespace Tars.Sim.Soak;

/// <summary>The module of the soak: each second it spawns an agent that goes, and traps once.</summary>
internal static class SoakText
{
    /// <summary>The module's name.</summary>
    public const string Module = "soak";

    /// <summary>The right that an operator takes away and gives back.</summary>
    public const string Right = "tick";

    /// <summary>Two versions, each of which can take the place of the other.</summary>
    public static string[] Versions { get; } =
    [
        Text,
        Text.Replace("1.0.0", "1.1.0", StringComparison.Ordinal)
            .Replace("seen: int = 0", "seen: int = 0\n        extra: int = 1", StringComparison.Ordinal),
    ];

    private const string Text = """
        tars: 1
        module: soak
        version: 1.0.0
        summary: Spawns, traps and publishes, each once a second.

        capabilities:
          publish: { tick: int }
          subscribe: { tick: int }
          timers: { shortest: 1ms }
          spawn: { worker: 4 }

        agentic:
          agents:
            heart:
              role: Does one of each.
              journal: durable
              state:
                beats: int = 0
                gone: int = 0
                book: map<int, list<int>> = []
              handlers:
                start:
                  do: |
                    every 1s beat
                timer beat:
                  do: |
                    beats += 1
                    book[beats % 50] = [beats, gone]
                    spawn worker(number = beats)
                    tell clown.fall(number = beats)
                    publish("tick", beats)
                exit worker as ended:
                  do: |
                    gone += 1
            clown:
              role: Falls.
              state:
                seen: int = 0
              handlers:
                ask fall:
                  with: { number: int }
                  do: |
                    seen += 1
                    fail "as told"
                message tick as number:
                  do: |
                    seen += 1
            worker:
              role: Goes.
              starts: by_spawn
              state:
                number: int
              handlers:
                start:
                  do: |
                    after 1500ms leave
                timer leave:
                  do: |
                    exit()
        """;
}
