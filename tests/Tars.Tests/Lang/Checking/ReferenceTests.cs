using Tars.Bundle.Interfaces;
using Tars.Lang.Binding;
using Tars.Lang.Syntax;
using Tars.Lang.Types;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Lang.Checking;

/// <summary>docs/language.md names everything that the compiler's tables hold.</summary>
public sealed class ReferenceTests
{
    private static readonly string _reference = File.ReadAllText(RepoRoot.File("docs/language.md"));

    [Fact]
    public void Every_key_stands_in_the_reference() => Assert.Empty(
        from block in KeyTable.Blocks
        from row in block.Rows
        where !_reference.Contains($"`{row.Key}`", StringComparison.Ordinal) && !IsInBraces(row.Key)
        select $"{block.Name}.{row.Key}");

    [Fact]
    public void Every_function_stands_in_the_reference() => Assert.All(
        BuiltInNames.Callable, name => Assert.Contains(name, _reference, StringComparison.Ordinal));

    [Fact]
    public void Every_method_stands_in_the_reference() => Assert.Empty(
        from type in new LangType[]
        {
            CoreTypes.Text, CoreTypes.Bytes, CoreTypes.Blob,
            new LangType.List(CoreTypes.Text), new LangType.Map(CoreTypes.Text, CoreTypes.Int),
        }
        from name in MethodTable.Of(type).Keys
        where !_reference.Contains($"`{name}(", StringComparison.Ordinal)
            && !_reference.Contains($"`{name}`", StringComparison.Ordinal)
        select $"{TypeText.Of(type)}.{name}");

    [Fact]
    public void Every_kind_of_device_stands_in_the_reference() => Assert.Empty(
        InterfaceKinds.Names.Where(name => !_reference.Contains($"`{name}`", StringComparison.Ordinal)));

    [Fact]
    public void The_tables_of_devices_name_the_same_kinds() =>
        Assert.Equal(InterfaceKinds.Names.AsEnumerable(), KeyTable.DeviceKinds.AsEnumerable());

    // Keys of small mappings are listed together: `{ length R, when_full R }`.
    private static bool IsInBraces(string key) => _reference.Split('`').Where(part => part.StartsWith('{')).Any(part =>
        part.Split([' ', ',', '{', '}', '|', ':', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Contains(key));
}
