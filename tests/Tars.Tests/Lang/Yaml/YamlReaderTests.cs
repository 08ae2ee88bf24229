using System.Text;
using Tars.Base;
using Tars.Lang;
using Tars.Lang.Diagnostics;
using Tars.Lang.Text;
using Tars.Lang.Yaml;
using Tars.Sim.Trees;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Yaml;

/// <summary>
/// Documents and what the reader makes of them: tests/golden/lang/yaml shows the document, then its tree and the
/// messages. To add a case write the document, run `./dev.cs bless`, and read the diff as its author.
/// </summary>
public sealed class YamlReaderTests
{
    public static IEnumerable<TheoryDataRow<string>> Documents => Golden.Files("lang/yaml");

    public static IEnumerable<TheoryDataRow<string>> Programs => Golden.Files("lang/programs");

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_tree_and_the_messages_are_as_recorded(string path) => Golden.Check(path, text =>
    {
        var bag = new DiagnosticBag();
        var source = new SourceText("golden", text);
        YamlNode root = YamlReader.Read(source, bag);
        return YamlText.Of(root) + YamlText.Messages(source, bag);
    });

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_program_of_the_design_is_read_without_a_message(string path) =>
        Assert.Equal("", Messages(File.ReadAllText(path)));

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_scalar_knows_where_each_of_its_characters_stands(string path)
    {
        string text = File.ReadAllText(path);
        YamlNode root = YamlReader.Read(new SourceText("program", text), new DiagnosticBag());
        foreach (YamlNode.Scalar scalar in Scalars(root))
        {
            for (int at = 0; at < scalar.Value.Length; at++)
            {
                Assert.Equal(scalar.Value[at], text[scalar.Slice.ToFile(at)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Carriage_returns_change_nothing_but_places(string path)
    {
        string text = File.ReadAllText(path);
        var bag = new DiagnosticBag();
        YamlNode unix = YamlReader.Read(new SourceText("unix", text), bag);
        string withReturns = text.Replace("\n", "\r\n", StringComparison.Ordinal);
        YamlNode dos = YamlReader.Read(new SourceText("dos", withReturns), bag);
        Assert.Equal(0, bag.Count);
        Assert.Equal(YamlText.Of(unix), YamlText.Of(dos));
    }

    [Theory]
    [InlineData("a\tb: c")]
    [InlineData("a: b\0c")]
    [InlineData("a: b\u2028c")]
    [InlineData("a: b\rc")]
    public void A_character_that_may_not_stand_there_gets_one_message(string text)
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(new SourceText("hostile", "x: { y: z }\n" + text + "\n"), bag);
        Assert.Single(bag.ToSorted(), diagnostic => diagnostic.Code is "TARS0100" or "TARS0101");
    }

    [Fact]
    public void A_text_at_which_the_other_reader_fails_itself_gets_one_message()
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(new SourceText("hostile", "a:\n    - { b: { c: d \n}, e: f }\n    - x\n"), bag);
        Assert.Equal(["TARS0100"], bag.ToSorted().Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public void Half_a_surrogate_pair_gets_one_message()
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(new SourceText("hostile", $"x: {{ y: z }}\na: b{(char)0xD800}\n"), bag);
        Assert.Single(bag.ToSorted(), diagnostic => diagnostic.Code == "TARS0100");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_get_a_message_at_their_place()
    {
        var bag = new DiagnosticBag();
        SourceText source = SourceDecoder.Decode("hostile", [.. "aé: "u8, 0xC3, .. "x\n"u8], bag);
        Diagnostic message = Assert.Single(bag.ToSorted());
        Assert.Equal("1:5", source.PositionOf(message.Span.Start).ToString());
    }

    [Fact]
    public void A_byte_order_mark_gets_a_message_and_is_left_out()
    {
        var bag = new DiagnosticBag();
        SourceText source = SourceDecoder.Decode("hostile", [0xEF, 0xBB, 0xBF, .. "a: b\n"u8], bag);
        Assert.Single(bag.ToSorted());
        Assert.Equal("a: b\n", source.Text);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_unread()
    {
        var bag = new DiagnosticBag();
        Assert.Equal("", SourceDecoder.Decode("hostile", new byte[Limits.SourceBytesMax + 1], bag).Text);
        Assert.Single(bag.ToSorted());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{ a: ")]
    [InlineData("- ")]
    [InlineData("[[{ a: [")]
    public void Deep_nesting_gets_a_message_and_no_stack_overflow(string opener)
    {
        string text = "a:\n  " + string.Concat(Enumerable.Repeat(opener, 100_000));
        var bag = new DiagnosticBag();
        YamlReader.Read(new SourceText("hostile", text), bag);
        Assert.Contains(bag.ToSorted(), diagnostic => diagnostic.Title.Contains("levels", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(":\n")]
    [InlineData("? \n")]
    [InlineData("a\n")]
    [InlineData("-\n")]
    [InlineData("a: {\n")]
    [InlineData("a: |\n # b\n")]
    [InlineData("a: |\n\n")]
    [InlineData("a: 'b\n")]
    [InlineData("#\n")]
    [InlineData("a: [,\n")]
    [InlineData("a: <<<<,")]
    [InlineData("{,[\"")]
    [InlineData("\"\\")]
    public void A_megabyte_of_one_thing_is_read_in_linear_time(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, Limits.SourceBytesMax / piece.Length));
        var bag = new DiagnosticBag();
        YamlReader.Read(new SourceText("hostile", text), bag);
        Assert.True(bag.HasErrors);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_prefix_of_every_program_gives_a_tree(string path)
    {
        string text = File.ReadAllText(path);
        for (int length = 0; length < text.Length; length += 7)
        {
            Assert.NotNull(YamlReader.Read(new SourceText("prefix", text[..length]), new DiagnosticBag()));
        }
    }

    [Fact]
    public void Ten_thousand_mutations_give_a_tree_each()
    {
        const string Alphabet = "\n\n    ::--,,[]{}<>\"'#|&*!?%@`\\\t\0aZ0_.";
        string[] programs = [.. Golden.Files("lang/programs").Select(row => File.ReadAllText(row.Data))];
        var random = new Xoshiro256(20);
        for (int round = 0; round < 10_000; round++)
        {
            var text = new StringBuilder(Excerpt(programs[round % programs.Length], random));
            for (int change = 0; change <= round % 4; change++)
            {
                int at = random.Next(text.Length);
                text[at] = Alphabet[random.Next(Alphabet.Length)];
            }

            Assert.NotNull(YamlReader.Read(new SourceText("mutant", text.ToString()), new DiagnosticBag()));
        }
    }

    /// <summary>Whole programs would take minutes; forty lines hold every kind of line.</summary>
    private static string Excerpt(string program, Xoshiro256 random)
    {
        string[] lines = program.Split('\n');
        int first = random.Next(lines.Length);
        return string.Join('\n', lines.Skip(first).Take(40)) + "\n";
    }

    private static string Messages(string text)
    {
        var bag = new DiagnosticBag();
        var source = new SourceText("test", text);
        YamlReader.Read(source, bag);
        return YamlText.Messages(source, bag);
    }

    private static IEnumerable<YamlNode.Scalar> Scalars(YamlNode node) => node switch
    {
        YamlNode.Scalar scalar when scalar.Style != ScalarStyle.DoubleQuoted => [scalar],
        YamlNode.Mapping mapping => mapping.Entries.SelectMany(entry => Scalars(entry.Value).Prepend(entry.Key)),
        YamlNode.Sequence sequence => sequence.Items.SelectMany(item => Scalars(item.Value)),
        _ => [],
    };
}
