using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tars.Base;
using Tars.Packages.Toml;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Packages;

/// <summary>
/// TOML 1.0, sentence by sentence: each case in tests/golden/toml is a sentence of the specification (toml.io, v1.0.0)
/// and a text that shows it, `+` where the text is right and `-` where it is wrong; then the tree in its one form, and
/// what is told.
/// </summary>
/// <remarks>To add a case write it, run `./dev.cs bless TomlTests`, and read the answer. `⟦0D⟧` is a character by its
/// number.</remarks>
public sealed partial class TomlTests
{
    private const int DepthMax = 64;

    public static IEnumerable<TheoryDataRow<string>> Pages => Golden.Files("toml", "*.txt");

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_sentence_of_the_specification_is_kept(string path) => Golden.Check(path, input =>
    {
        var answer = new StringBuilder();
        foreach (var (sentence, text) in CasesOf(input))
        {
            var reading = TomlReader.Read("a.toml", Encoding.UTF8.GetBytes(text));
            answer.Append(sentence).Append('\n').Append(TomlWriter.Write(reading.Root));
            foreach (var mistake in reading.Mistakes)
            {
                answer.Append("! ").Append(Printable.Of(mistake.In(reading.Source))).Append('\n');
            }

            Assert.True(reading.Mistakes.IsEmpty == sentence.StartsWith('+'), sentence);
        }

        return answer.ToString();
    });

    [Fact]
    public void What_was_written_is_read_as_the_same_tree()
    {
        foreach (var text in Texts())
        {
            string written = TomlWriter.Write(TomlReader.Read("a", text).Root);
            var again = TomlReader.Read("b", written);
            Assert.Empty(again.Mistakes);
            Assert.Equal(written, TomlWriter.Write(again.Root));
        }
    }

    [Fact]
    public void Every_prefix_of_a_text_has_an_answer()
    {
        foreach (var text in Texts())
        {
            byte[] octets = Encoding.UTF8.GetBytes(text);
            for (int length = 0; length < octets.Length; length++)
            {
                Answer(octets[..length]);
            }
        }
    }

    [Fact]
    public void Damaged_octets_have_an_answer()
    {
        byte[] words = "[]{}\"'=.,#\\\n\r\t 019abeExoTZ:+-_u\0\x7f\xc3\xff"u8.ToArray();
        var texts = Texts().Select(Encoding.UTF8.GetBytes).ToArray();
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            var random = new Xoshiro256(seed);
            var octets = texts[random.Next() % (ulong)texts.Length].ToList();
            for (ulong change = 0; change <= random.Next() % 4; change++)
            {
                int at = (int)(random.Next() % (ulong)(octets.Count + 1));
                byte octet = words[random.Next() % (ulong)words.Length];
                if (random.Next() % 2 == 0 || at == octets.Count)
                {
                    octets.Insert(at, octet);
                }
                else
                {
                    octets[at] = octet;
                }
            }

            Answer([.. octets]);
        }
    }

    [Fact]
    public void What_is_deeper_than_the_bound_is_told_and_what_is_as_deep_is_read()
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{ a = ", " }") })
        {
            string Nested(int depth) =>
                $"a = {string.Concat(Enumerable.Repeat(open, depth))}{string.Concat(Enumerable.Repeat(close, depth))}";

            string deepest = Nested(DepthMax).Replace("=  }", "= 1 }", StringComparison.Ordinal);
            Assert.Empty(TomlReader.Read("a", deepest).Mistakes);
            Assert.Contains("inside each other", TomlReader.Read("a", Nested(DepthMax + 1)).Mistakes[0].Title);
            Assert.Contains("inside each other", TomlReader.Read("a", Nested(100_000)).Mistakes[0].Title);
        }

        foreach (string text in new[] { "[{0}]", "[[{0}]]", "{0} = 1" })
        {
            string Keys(int count) => string.Join('.', Enumerable.Repeat("k", count));
            string Format(int count) => text.Replace("{0}", Keys(count), StringComparison.Ordinal);
            Assert.Empty(TomlReader.Read("a", Format(DepthMax)).Mistakes);
            Assert.Contains("inside each other", TomlReader.Read("a", Format(DepthMax + 2)).Mistakes[0].Title);
            Assert.Contains("inside each other", TomlReader.Read("a", Format(100_000)).Mistakes[0].Title);
        }
    }

    [Fact]
    public void What_is_too_large_or_no_text_is_refused()
    {
        Assert.Contains("more than", TomlReader.Read("a", new byte[(1 << 20) + 1]).Mistakes[0].Title);
        var broken = TomlReader.Read("a", [(byte)'a', (byte)'\n', (byte)'b', 0xC3, 0x28]);
        Assert.Equal("a:2:2: octet 3 is not part of UTF-8; save the file as UTF-8",
            broken.Mistakes[0].In(broken.Source));
        Assert.NotEmpty(TomlReader.Read("a", [0xED, 0xA0, 0x80]).Mistakes); // A surrogate.
        Assert.NotEmpty(TomlReader.Read("a", [0xC0, 0xAF]).Mistakes); // Longer than it need be.
    }

    [Fact]
    public void A_file_full_of_mistakes_is_told_of_some()
    {
        var reading = TomlReader.Read("a", string.Concat(Enumerable.Repeat("!\n", 100_000)));
        Assert.Equal(20, reading.Mistakes.Length);
    }

    [Fact]
    public void A_value_knows_where_it_stands()
    {
        const string Text = "a.b = [ 'x', { c = 0x10 } ]\n";
        var root = TomlReader.Read("a", Text).Root;
        var list = (TomlValue.Array)((TomlValue.Table)root.Find("a")!).Find("b")!;
        var table = (TomlValue.Table)list.Items[1];
        Assert.Equal("[ 'x', { c = 0x10 } ]", Of(list.Span));
        Assert.Equal("'x'", Of(list.Items[0].Span));
        Assert.Equal("{ c = 0x10 }", Of(table.Span));
        Assert.Equal("c", Of(table.Entries[0].KeySpan));
        Assert.Equal("0x10", Of(table.Entries[0].Value.Span));

        static string Of(TextSpan span) => Text[span.Start..span.End];
    }

    private static void Answer(byte[] octets)
    {
        var reading = TomlReader.Read("a", octets);
        foreach (var mistake in reading.Mistakes)
        {
            Assert.InRange(mistake.At.Start, 0, reading.Source.Text.Length);
            Assert.NotEmpty(mistake.In(reading.Source));
        }

        Assert.Empty(TomlReader.Read("b", TomlWriter.Write(reading.Root)).Mistakes);
    }

    private static IEnumerable<string> Texts() =>
        from path in Golden.FilesUnder(Golden.Path("toml"), "*.txt")
        from one in CasesOf(File.ReadAllText(path).Split("\n----\n")[0] + "\n")
        select one.Text;

    private static IEnumerable<(string Sentence, string Text)> CasesOf(string input) =>
        from Match match in Case().Matches(input)
        select (match.Groups["sentence"].Value, Unit().Replace(match.Groups["text"].Value, unit =>
            ((char)int.Parse(unit.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));

    [GeneratedRegex(@"^(?<sentence>[+-] .*)\n(?<text>(?:(?![+-] ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Case();

    [GeneratedRegex("⟦([0-9A-F]+)⟧")]
    private static partial Regex Unit();
}
