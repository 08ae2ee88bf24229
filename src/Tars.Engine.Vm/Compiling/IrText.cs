using System.Globalization;
using System.Text;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Writes the text of one function of LLVM, block by block.</summary>
/// <remarks>
/// Invariants:
///   I1  Each name is given once.
///   I2  Nothing is written behind the end of a block; <see cref="IsOpen"/> says whether one is open.
///   I3  Once it is full it grows no more than by what one instruction needs; whoever wrote it drops it then.
/// </remarks>
/// <param name="lengthMax">Beyond which it is full.</param>
internal sealed class IrText(int lengthMax = Limits.CodeTextBytesMax)
{
    private readonly StringBuilder _entry = new();
    private readonly StringBuilder _body = new();
    private readonly StringBuilder _cold = new();
    private string _suffix = "";
    private int _next;

    /// <summary>A block is open: what is written now runs.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>It has more characters than it may have, and is of no use any more.</summary>
    public bool IsFull => lengthMax < (long)_entry.Length + _body.Length + _cold.Length;

    /// <summary>The label of the block that is open.</summary>
    public string Block { get; private set; } = "begin";

    /// <summary>Written before the block goes on to another without a choice; null for nothing.</summary>
    public string? BeforeGoto { get; set; }

    /// <summary>A label that no other block has.</summary>
    public string Label() => $"b{Number()}";

    /// <summary>Room for a variable, under a new name.</summary>
    public string Variable(string type)
    {
        string name = $"%s{Number()}";
        _entry.Append("  ").Append(name).Append(" = alloca ").Append(type).Append('\n');
        return name;
    }

    /// <summary>The place that the debugger is told of for the rest of the block; null for none.</summary>
    public void At(int? location) =>
        _suffix = location is { } number ? $", !dbg !{number.ToString(CultureInfo.InvariantCulture)}" : "";

    /// <summary>An instruction with a result, under a new name.</summary>
    public string Value(string instruction)
    {
        string name = $"%v{Number()}";
        _body.Append("  ").Append(name).Append(" = ").Append(instruction).Append(_suffix).Append('\n');
        return name;
    }

    /// <summary>An instruction without a result.</summary>
    public void Do(string instruction) =>
        _body.Append("  ").Append(instruction).Append(_suffix).Append('\n');

    /// <summary>Ends the block, if one is open, and begins another.</summary>
    public void Begin(string label)
    {
        if (IsOpen)
        {
            Goto(label);
        }

        _body.Append(label).Append(":\n");
        _suffix = "";
        BeforeGoto = null;
        Block = label;
        IsOpen = true;
    }

    public void Goto(string label)
    {
        if (BeforeGoto is { } before)
        {
            Do(before);
        }

        End($"br label %{label}");
    }

    public void Branch(string condition, string then, string otherwise) =>
        End($"br i1 {condition}, label %{then}, label %{otherwise}");

    /// <summary>Leaves for a block that is hardly ever reached, else goes on.</summary>
    public void Unlikely(string condition, string label)
    {
        string next = Label();
        End($"br i1 {condition}, label %{label}, label %{next}, !prof !{Metadata.Unlikely}");
        Begin(next);
    }

    /// <summary>Ends the block with this instruction.</summary>
    public void End(string instruction)
    {
        Do(instruction); // I2
        IsOpen = false;
    }

    /// <summary>A block at the end of the function, whole.</summary>
    public string Cold(params ReadOnlySpan<string> lines)
    {
        string label = Label();
        _cold.Append(label).Append(":\n");
        foreach (string line in lines)
        {
            _cold.Append("  ").Append(line).Append('\n');
        }

        return label;
    }

    /// <summary>A name for <see cref="Cold"/> blocks.</summary>
    public string Name() => $"%v{Number()}";

    /// <summary>Writes the steps of a row.</summary>
    /// <returns>The name of its %r.</returns>
    public string Steps(ReadOnlySpan<string> lines, int lane, params ReadOnlySpan<string> operands)
    {
        Span<int> names = stackalloc int['z' - 'a' + 1];
        foreach (string line in lines)
        {
            _body.Append("  ");
            Step(line, lane, operands, names);
            _body.Append(_suffix).Append('\n');
        }

        return $"%v{names['r' - 'a']}";
    }

    /// <summary>Variables first, then the blocks.</summary>
    public void CopyTo(StringBuilder to) =>
        to.Append("begin:\n").Append(_entry).Append(_body).Append(_cold);

    private void Step(string line, int lane, ReadOnlySpan<string> operands, Span<int> names)
    {
        for (int at = 0; at < line.Length; at++)
        {
            char next = at + 1 < line.Length ? line[at + 1] : ' ';
            switch (line[at])
            {
                case '$' when next == 'L':
                    _body.Append(lane.ToString(CultureInfo.InvariantCulture));
                    at++;
                    break;
                case '$':
                    _body.Append(operands[next - '0']);
                    at++;
                    break;
                case '%':
                    ref int name = ref names[next - 'a'];
                    name = name == 0 ? Number() : name; // I1
                    _body.Append("%v").Append(name.ToString(CultureInfo.InvariantCulture));
                    at++;
                    break;
                default:
                    _body.Append(line[at]);
                    break;
            }
        }
    }

    private int Number() => ++_next;
}
