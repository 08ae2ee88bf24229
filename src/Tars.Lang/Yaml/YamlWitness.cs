using Tars.Base;
using Tars.Lang.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tars.Lang.Yaml;

/// <summary>
/// Reads a document a second time with YamlDotNet and compares: the subset must mean what YAML means.
/// </summary>
/// <remarks>
/// Blanks at the ends of lines inside a block scalar are not compared: an empty line of blanks is empty to us.
/// </remarks>
internal sealed class YamlWitness
{
    private readonly Parser _parser;
    private readonly DiagnosticBag _bag;

    private YamlWitness(Parser parser, DiagnosticBag bag)
    {
        _parser = parser;
        _bag = bag;
    }

    public static void Compare(string text, YamlNode root, DiagnosticBag bag)
    {
        var parser = new Parser(new Scanner(new StringReader(Ended(text)), skipComments: true));
        try
        {
            var witness = new YamlWitness(parser, bag);
            parser.Consume<StreamStart>();
            if (parser.TryConsume<DocumentStart>(out _) && witness.IsSame(root))
            {
                parser.Consume<DocumentEnd>();
                parser.Consume<StreamEnd>();
            }
        }
        catch (YamlException e)
        {
            Refuse(e.Start);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // Its scanner has states that it does not expect: a flow value that ends in a column left of its block.
            Refuse(parser.Current?.End ?? Mark.Empty);
        }

        void Refuse(Mark place)
        {
            int at = Math.Clamp((int)place.Index, 0, text.Length);
            bag.Add(Report.OtherReadersDiffer(new TextSpan(at, 0)));
        }
    }

    // A block scalar at the end of a file without a line end has none to YAML, and one to us.
    private static string Ended(string text) => text.EndsWith('\n') ? text : text + "\n";

    /// <summary>Walks tree and events together; false, and reported, at the first difference.</summary>
    private bool IsSame(YamlNode node)
    {
        ParsingEvent? current = _parser.Current;
        bool isSame = node switch
        {
            YamlNode.Scalar ours => current is Scalar theirs && SameText(ours, theirs.Value) && _parser.MoveNext(),
            YamlNode.Missing => current is Scalar { Value.Length: 0 } && _parser.MoveNext(),
            YamlNode.Mapping => current is MappingStart && _parser.MoveNext(),
            _ => current is SequenceStart && _parser.MoveNext(),
        };
        if (!isSame)
        {
            _bag.Add(Report.OtherReadersDiffer(node.Span));
            return false;
        }

        return node switch
        {
            YamlNode.Mapping mapping => mapping.Entries.All(entry => IsSame(entry.Key) && IsSame(entry.Value))
                && IsEnd<MappingEnd>(node),
            YamlNode.Sequence sequence => sequence.Items.All(item => IsSame(item.Value)) && IsEnd<SequenceEnd>(node),
            _ => true,
        };
    }

    private bool IsEnd<T>(YamlNode node)
        where T : ParsingEvent
    {
        if (_parser.TryConsume<T>(out _))
        {
            return true;
        }

        _bag.Add(Report.OtherReadersDiffer(node.Span));
        return false;
    }

    private static bool SameText(YamlNode.Scalar ours, string theirs) => ours.Style == ScalarStyle.Literal
        ? SameLines(ours.Value, theirs)
        : ours.Value == theirs;

    private static bool SameLines(string ours, string theirs) =>
        ours.Split('\n').Select(line => line.TrimEnd(' '))
            .SequenceEqual(theirs.Split('\n').Select(line => line.TrimEnd(' ')), StringComparer.Ordinal);
}
