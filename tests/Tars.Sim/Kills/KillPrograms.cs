namespace Tars.Sim.Kills;

/// <summary>The programs of <see cref="KillCampaign"/>.</summary>
internal static class KillPrograms
{
    /// <summary>One module on one kernel.</summary>
    public const string Alone = """
        tars: 1
        module: beats
        version: 1.0.0
        summary: Counts its turns and what it draws.
        capabilities:
          devices: { out: console }
          timers: { shortest: 1ms }
        agentic:
          agents:
            heart:
              role: Counts.
              journal: durable
              state:
                beats: int = 0
                drawn: int = 0
                kept: map<int, int> = []
              handlers:
                start:
                  do: |
                    every 1ms beat
                timer beat:
                  do: |
                    beats += 1
                    drawn += random_int(0, 999)
                    kept[beats % 100] = drawn
                    tell out.print(line = "a {beats} {drawn} {kept.len()}")
        """;

    /// <summary>The one of two that sends.</summary>
    public const string Sends = """
        tars: 1
        module: sends
        version: 1.0.0
        summary: Counts its turns and sends them, lends its console and takes a part of it back.
        types:
          Beat: { number: int, octets: blob }
          Loan: { paper: cap<console> }
        capabilities:
          devices: { out: console }
          timers: { shortest: 1ms }
          publish: { beat: Beat, loan: Loan, extra: Loan, over: int }
        agentic:
          agents:
            heart:
              role: Counts.
              journal: durable
              mailbox: { length: 64, when_full: block }
              state:
                beats: int = 0
                drawn: int = 0
                extra: list<Loan> = []
              handlers:
                start:
                  do: |
                    let paper = narrow(out)
                    publish("loan", Loan(paper = paper))
                    every 1ms beat
                timer beat:
                  do: |
                    beats += 1
                    drawn += random_int(0, 999)
                    var octets = bytes_of(8 + beats % 5000)
                    octets.set_i64(0, drawn)
                    publish("beat", Beat(number = beats, octets = blob_of(octets)))
                    tell out.print(line = "a {beats} {drawn}")
                    if beats % 10 == 1 {
                      let paper = narrow(out)
                      extra.push(Loan(paper = paper))
                      publish("extra", Loan(paper = paper))
                    }
                    if beats % 10 == 6 and extra.len() > 0 {
                      let loan = extra[0]
                      revoke(loan.paper)
                      extra.remove_at(0)
                      publish("over", beats)
                    }
        """;

    /// <summary>The one that hears.</summary>
    public const string Hears = """
        tars: 1
        module: hears
        version: 1.0.0
        summary: Counts what it hears, and prints it with what is its own and with what it was lent.
        types:
          Beat: { number: int, octets: blob }
          Loan: { paper: cap<console> }
        capabilities:
          devices: { out: console }
          subscribe: { beat: Beat, loan: Loan, extra: Loan, over: int }
        agentic:
          agents:
            ear:
              role: Counts.
              journal: durable
              mailbox: { length: 64, when_full: block }
              on_trap: continue
              state:
                heard: int = 0
                sum: int = 0
                last: list<blob> = []
                lent: list<Loan> = []
                extra: list<Loan> = []
              handlers:
                message loan as loan:
                  do: |
                    lent.push(loan)
                message extra as loan:
                  do: |
                    extra.push(loan)
                message over as number:
                  do: |
                    if extra.len() > 0 {
                      let loan = extra[0]
                      let paper = loan.paper
                      tell paper.print(line = "what was taken back is used")
                      extra.remove_at(0)
                    }
                message beat as beat:
                  do: |
                    heard += 1
                    if beat.number != heard {
                      tell out.print(line = "heard {beat.number} where {heard} comes next")
                    }
                    sum += beat.octets.read(0, 8).i64(0)
                    last.push(beat.octets)
                    if last.len() > 5 { last.remove_at(0) }
                    tell out.print(line = "b {heard} {sum} {last[0].len()}")
                    if lent.len() > 0 {
                      let loan = lent[0]
                      let paper = loan.paper
                      tell paper.print(line = "c {heard} {sum}")
                    }
        """;
}
