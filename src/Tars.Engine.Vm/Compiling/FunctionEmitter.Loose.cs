using Tars.Bundle.Wasm;

namespace Tars.Engine.Vm.Compiling;

/// <summary>Floats that a loop stores as they come, and that are made canonical behind it if any is a NaN.</summary>
/// <remarks>
/// A sum of all that is stored is a NaN if any of it was. It costs an addition where a comparison and a choice would
/// stand, and keeps nobody waiting. Infinities of both signs make it one too: then what is stored is looked at in vain.
/// </remarks>
internal sealed partial class FunctionEmitter
{
    private const int SumsMax = 4;

    // Of the copy that is being written: the stores by where they stand, and by LLVM's type the sums and how many
    // stores were added to them.
    private Dictionary<int, Looseness> _looseStores = [];
    private readonly Dictionary<string, (string[] Sums, int Count)> _looseSums = [];

    /// <param name="hasLanes">Lanes of vectors are added one by one too.</param>
    private void BeginLoose(Dictionary<int, Looseness> stores, bool hasLanes)
    {
        _looseStores = stores;
        _looseSums.Clear();
        var types = stores.Where(store => !StaysInPlace(store.Key)).ToLookup(
            store => LooseTypeAt(store.Key, store.Value), store => LooseTypeOf(isVector: false, store.Value));
        foreach (var group in types.SelectMany(
            group => hasLanes && group.Key != group.First() ? (string[])[group.Key, group.First()] : [group.Key],
            (group, type) => (Type: type, Stores: group)).GroupBy(entry => entry.Type, entry => entry.Stores.Count()))
        {
            // More than one, so that neighbours can be added at once and do not wait for each other.
            int count = Math.Min(SumsMax, group.Sum());
            string[] sums = [.. Enumerable.Range(0, count).Select(_ => _ir.Variable(group.Key))];
            foreach (string sum in sums)
            {
                _ir.Do($"store {group.Key} {(group.Key[0] is '<' ? "zeroinitializer" : "0.0")}, ptr {sum}");
            }

            _looseSums[group.Key] = (sums, 0);
        }
    }

    /// <summary>The operand of a store, as it is to be written.</summary>
    private IrValue Stored(IrValue value, int position)
    {
        if (_plan is null || !_looseStores.TryGetValue(position, out var kind))
        {
            return Exact(value);
        }

        if (!StaysInPlace(position))
        {
            AddToSum(value, LooseTypeOf(value.Type is ValType.V128, kind));
        }

        return value with { Loose = Looseness.Exact, Flag = null };
    }

    // What it writes in the last turn is all that is left of it.
    private bool StaysInPlace(int position) =>
        _plan!.Walks[_plan.Covered[position].Walk].Step is { IsConstant: true, Constant: 0 };

    private void AddToSum(IrValue value, string type)
    {
        string term = value.Type is ValType.V128
            ? _ir.Value($"bitcast <2 x i64> {value.Text} to {type}")
            : value.Text;
        var (sums, count) = _looseSums[type];
        string sum = sums[count % sums.Length];
        _looseSums[type] = (sums, count + 1);
        string before = _ir.Value($"load {type}, ptr {sum}");
        string after = _ir.Value($"fadd reassoc {type} {before}, {term}");
        _ir.Do($"store {type} {after}, ptr {sum}");
    }

    private void EndLoose(WalkPlace[] walks, string turns)
    {
        (string Type, string Variable)[] sums =
            [.. _looseSums.SelectMany(entry => entry.Value.Sums, (entry, sum) => (entry.Key, sum))];
        (string Type, string Variable)[] places =
        [
            .. from store in _looseStores
               where StaysInPlace(store.Key)
               select (Type: LooseTypeAt(store.Key, store.Value), Variable: FirstPlace(store.Key, walks)),
        ];
        string[] tests = [.. sums.Concat(places).Select(value => HasNaN(value.Type, value.Variable))];
        if (tests.Length == 0)
        {
            return;
        }

        string any = tests.Aggregate((both, test) => _ir.Value($"or i1 {both}, {test}"));
        string made = _ir.Label();
        string next = _ir.Label();
        _ir.End($"br i1 {any}, label %{made}, label %{next}, !prof !{Metadata.Unlikely}");
        _ir.Begin(made);
        foreach (var (position, kind) in _looseStores)
        {
            MakeCanonical(position, kind, walks, turns);
        }

        _ir.Begin(next);
        _looseStores = [];
    }

    private string HasNaN(string type, string pointer)
    {
        string value = _ir.Value($"load {type}, ptr {pointer}, align 1");
        string test = _ir.Value($"fcmp uno {type} {value}, {value}");
        if (type[0] is not '<')
        {
            return test;
        }

        int lanes = type[1] - '0';
        string bits = _ir.Value($"bitcast <{lanes} x i1> {test} to i{lanes}");
        return _ir.Value($"icmp ne i{lanes} {bits}, 0");
    }

    private void MakeCanonical(int position, Looseness kind, WalkPlace[] walks, string turns)
    {
        int lane = LaneSize(kind);
        int lanes = SizeAt(position) / lane;
        int walk = _plan!.Covered[position].Walk;
        string step = walks[walk].Step;
        step = walks[walk].IsDown ? _ir.Value($"sub i64 0, {step}") : step;
        string count = StaysInPlace(position) ? "1" : turns;
        _ir.Do(
            $"call preserve_allcc void @tars.canonical.f{lane * 8}(ptr {FirstPlace(position, walks)}, i64 {step}, "
            + $"i64 {count}, i64 {lanes})");
    }

    // Where it writes in the first turn.
    private string FirstPlace(int position, WalkPlace[] walks)
    {
        var access = _plan!.Covered[position];
        var reader = new InstructionReader(_function.Body.Span, position);
        reader.Next();
        string first = Pointer(walks[access.Walk], "0", "0");
        return Displaced(first, access.Distance + reader.Offset);
    }

    private int SizeAt(int position)
    {
        var reader = new InstructionReader(_function.Body.Span, position);
        reader.Next();
        return 1 << reader.Info.Align!.Value;
    }

    private string LooseTypeAt(int position, Looseness kind)
    {
        var reader = new InstructionReader(_function.Body.Span, position);
        reader.Next();
        return LooseTypeOf(reader.Opcode is Opcode.V128Store, kind);
    }

    private static string LooseTypeOf(bool isVector, Looseness kind) => (isVector, kind) switch
    {
        (true, Looseness.Single) => "<4 x float>",
        (true, _) => "<2 x double>",
        (false, Looseness.Single) => "float",
        (false, _) => "double",
    };

    private static int LaneSize(Looseness kind) => kind is Looseness.Single ? sizeof(float) : sizeof(double);
}
