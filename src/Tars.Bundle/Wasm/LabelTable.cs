namespace Tars.Bundle.Wasm;

/// <summary>The labels of one <c>br_table</c>, read as they are walked; the last is the default.</summary>
public readonly ref struct LabelTable
{
    private readonly ReadOnlySpan<byte> _code;

    internal LabelTable(ReadOnlySpan<byte> code, int count)
    {
        _code = code;
        Count = count;
    }

    /// <summary>How many labels, the default included.</summary>
    public int Count { get; }

    public Enumerator GetEnumerator() => new(_code);

    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _code;
        private int _at;

        internal Enumerator(ReadOnlySpan<byte> code) => _code = code;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            if (_at == _code.Length)
            {
                return false;
            }

            var read = Leb128.ReadUnsigned(_code, _at, bitCount: 32);
            Current = (int)read.Value;
            _at = read.End;
            return true;
        }
    }
}
