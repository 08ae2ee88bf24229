using Tars.Base;
using Tars.Lang.Diagnostics;
using Tars.Lang.Parsing;
using Tars.Lang.Syntax;
using Tars.Lang.Yaml;

namespace Tars.Sim.Trees;

/// <summary>Finds all code in a document by the table of keys and parses each part as its place says.</summary>
internal static class ProgramText
{
    public static List<object> Parts(SourceText source, DiagnosticBag bag) =>
        [.. PartsByScalar(YamlReader.Read(source, bag), bag).Select(pair => pair.Part)];

    public static List<(YamlNode.Scalar Scalar, object Part)> PartsByScalar(YamlNode root, DiagnosticBag bag)
    {
        var parts = new List<(YamlNode.Scalar, object)>();
        Visit(root, KeyTable.Root, (reading, scalar) =>
        {
            object? part = reading switch
            {
                Reading.Code => CodeParser.ParseBody(scalar.Slice, bag),
                Reading.Template => CodeParser.ParseTemplate(scalar.Slice, bag),
                Reading.Expression => CodeParser.ParseExpression(scalar.Slice, bag),
                Reading.Declaration => CodeParser.ParseDeclaration(scalar.Slice, bag),
                Reading.Type => CodeParser.ParseType(scalar.Slice, bag),
                Reading.Event => EventParser.Parse(scalar.Slice, bag),
                _ => null,
            };
            if (part is not null)
            {
                parts.Add((scalar, part));
            }
        });
        return parts;
    }

    /// <summary>The texts of all <c>do:</c> blocks.</summary>
    public static List<string> Codes(SourceText source)
    {
        var codes = new List<string>();
        Visit(YamlReader.Read(source, new DiagnosticBag()), KeyTable.Root, (reading, scalar) =>
        {
            if (reading == Reading.Code)
            {
                codes.Add(scalar.Value);
            }
        });
        return codes;
    }

    private static void Visit(YamlNode node, KeyShape shape, Action<Reading, YamlNode.Scalar> found)
    {
        switch (shape, node)
        {
            case (KeyShape.Scalar scalar, YamlNode.Scalar value):
                found(scalar.Reading, value);
                break;
            case (KeyShape.Fixed block, YamlNode.Mapping mapping):
                foreach (YamlEntry entry in mapping.Entries)
                {
                    if (KeyTable.Block(block.Block).Find(entry.Key.Value) is KeyRow row)
                    {
                        Visit(entry.Value, row.Shape, found);
                    }
                }

                break;
            case (KeyShape.MapOf map, YamlNode.Mapping mapping):
                foreach (YamlEntry entry in mapping.Entries)
                {
                    found(map.Key, entry.Key);
                    Visit(entry.Value, map.Value, found);
                }

                break;
            case (KeyShape.ListOf list, YamlNode.Sequence sequence):
                foreach (YamlItem item in sequence.Items)
                {
                    Visit(item.Value, list.Item, found);
                }

                break;
            case (KeyShape.Either either, _):
                foreach (KeyShape option in either.Options)
                {
                    Visit(node, option, found);
                }

                break;
            default:
                break;
        }
    }
}
