using System.Text.Json;
using Tars.Lang.Schema;
using Tars.Lang.Syntax;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Schema;

/// <summary>The schema is the table of keys in other words.</summary>
public sealed class JsonSchemaTests
{
    [Fact]
    public void The_schema_is_the_one_written_down() =>
        Golden.CheckWhole(Golden.Path("lang/schema/metascript.schema.json"), JsonSchema.Print());

    [Fact]
    public void Every_reference_leads_to_a_block()
    {
        using JsonDocument schema = JsonDocument.Parse(JsonSchema.Print());
        JsonElement blocks = schema.RootElement.GetProperty("$defs");
        Assert.Equal(KeyTable.Blocks.Length, blocks.EnumerateObject().Count());
        foreach (string reference in References(schema.RootElement))
        {
            Assert.True(blocks.TryGetProperty(reference["#/$defs/".Length..], out _), reference);
        }
    }

    [Fact]
    public void No_block_has_a_key_twice() => Assert.All(
        KeyTable.Blocks,
        block => Assert.Equal(block.Rows.Length, block.Rows.Select(row => row.Key).Distinct().Count()));

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member.Name == "$ref" ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
