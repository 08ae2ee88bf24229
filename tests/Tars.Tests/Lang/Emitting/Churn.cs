namespace Tars.Tests.Lang.Emitting;

/// <summary>A program that makes and drops values of every kind that owns memory.</summary>
internal static class Churn
{
    public const string Program =
        """
        tars: 1
        module: churn
        version: 1.0.0
        summary: Makes and drops values.

        types:
          Entry:
            name: text
            tags: list<text> = []
            note: text?

        state:
          last: text = "none"
          counts: map<text, int> = []
          entries: map<int, Entry> = []
          window: list<Entry> = []
          octets: bytes = bytes_of(0)

        functions:
          entry_of:
            with: { i: int, n: int }
            returns: Entry
            do: |
              let name = "turn {i} of {n} and some more text"
              return Entry(name = name, tags = name.split(" "), note = name.lower())

        handlers:
          start:
            do: |
              last = "started"

          ask turn:
            with: { n: int }
            do: |
              for i in 0..n {
                let entry = entry_of(i, n)
                last = entry.name
                counts["k{i % 50}"] = (counts.get("k{i % 50}") ?? 0) + 1
                entries[i % 20] = entry
                window.push(entry)
                if window.len() > 8 { window.remove_at(0) }
                octets = last.to_bytes().slice(0, 4)
                if i % 7 == 0 { counts.remove("k{i % 50}") }
                let sorted = entry.tags.sort_by(t => t.size())
                if sorted.len() == 0 { fail "never" }
              }

          ask write:
            with: { n: int }
            do: |
              for i in 0..n {
                last = "turn {i} of {n}"
                counts["k{i % 50}"] = i
              }

          ask fill:
            with: { n: int }
            do: |
              for i in 0..n {
                entries[i] = entry_of(i, n)
                window.push(entry_of(i, n))
              }

          ask clear:
            do: |
              entries = []
              window = []
              counts = []

          ask hoard:
            do: |
              last = "hoarding"
              while true { window.push(entry_of(1, 1)) }

        """;
}
