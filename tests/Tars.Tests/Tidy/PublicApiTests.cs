using System.Reflection;
using System.Text;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Tidy;

/// <summary>What others may build on is written down: the public face of the bundle and of the kernel.</summary>
/// <remarks>Blessing this file is the moment to ask whether the change is one that others must follow.</remarks>
public sealed class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler writes into every record says nothing about it.
    private static readonly HashSet<string> _writtenByTheCompiler =
    [
        "Equals", "GetHashCode", "ToString", "op_Equality", "op_Inequality",
        "<Clone>$", "Deconstruct", "EqualityContract",
    ];

    [Theory]
    [InlineData("Tars.Bundle")]
    [InlineData("Tars.Kernel")]
    public void The_public_face_is_the_one_written_down(string project) =>
        Golden.CheckWhole(Golden.Path($"api/{project}.txt"), Print(Assembly.Load(project)));

    private static string Print(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(FullNameOf, StringComparer.Ordinal))
        {
            text.Append(CultureInvariant($"{KindOf(type)} {FullNameOf(type)}{BasesOf(type)}\n"));
            foreach (var line in MembersOf(type).Order(StringComparer.Ordinal))
            {
                text.Append(CultureInvariant($"  {line}\n"));
            }
        }

        return text.ToString();
    }

    private static string CultureInvariant(FormattableString text) => FormattableString.Invariant(text);

    private static string KindOf(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string BasesOf(Type type)
    {
        var parent = type.BaseType;
        return parent is null || parent == typeof(object) || parent == typeof(ValueType) || parent == typeof(Enum)
            ? ""
            : $" : {NameOf(parent)}";
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Enum.Format(type, Enum.Parse(type, name), "D")}");
        }

        return type.GetMembers(Declared)
            .Where(member => !_writtenByTheCompiler.Contains(member.Name))
            .Select(Describe)
            .OfType<string>();
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        PropertyInfo property => $"{Static(property.GetMethod)}{NameOf(property.PropertyType)} {property.Name}"
            + (property.SetMethod is { IsPublic: true } ? " { get; set; }" : " { get; }"),
        FieldInfo field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}"
            + $"{NameOf(field.FieldType)} {field.Name}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}",
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method => $"{Static(method)}{NameOf(method.ReturnType)} {method.Name}({Parameters(method)})",
        EventInfo happening => $"event {happening.Name}",
        _ => null,
    };

    private static string Static(MethodInfo? method) => method is { IsStatic: true } ? "static " : "";

    private static string Parameters(MethodBase method) => string.Join(", ",
        method.GetParameters().Select(parameter => $"{NameOf(parameter.ParameterType)} {parameter.Name}"));

    private static string FullNameOf(Type type) => $"{type.Namespace}.{NameOf(type)}";

    private static string NameOf(Type type)
    {
        if (type.IsByRef)
        {
            return "ref " + NameOf(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        var outer = type is { IsNested: true, IsGenericParameter: false } ? NameOf(type.DeclaringType!) + "." : "";
        var name = type.Name.Split('`')[0];
        return type.IsGenericType
            ? $"{outer}{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : outer + name;
    }
}
