using Tars.Lang.Emitting.Writing;
using Tars.Lang.Lowering;

namespace Tars.Lang.Library;

/// <summary>The binary search in a block of a map's tree.</summary>
internal sealed partial class Maps
{
    /// <summary>
    /// The binary search in one block: for the first key that is not less than the one that is looked for.
    /// </summary>
    private sealed class SearchLoop
    {
        private readonly Maps _maps;
        private readonly Body _body;
        private readonly Variable _key;
        private readonly Variable? _prefix;
        private readonly Variable _high;
        private readonly Variable _middle;
        private readonly Variable _order;
        private readonly Variable _at;

        public SearchLoop(Maps maps, Body body, Variable key)
        {
            _maps = maps;
            _body = body;
            _key = key;
            _prefix = maps._keyAt == 0 ? null : body.I64(maps._values.Texts.Prefix.Call(key));
            Place = body.I32();
            Found = body.I32();
            _high = body.I32();
            _middle = body.I32();
            _order = body.I32();
            _at = body.I32();
        }

        public Variable Place { get; }

        /// <summary>1 when the key at the place is equal.</summary>
        public Variable Found { get; }

        public void Write(Variable node)
        {
            if (_maps._key.Shape == Shape.Int)
            {
                WriteStraight(node);
                return;
            }

            _body.Set(Place, 0);
            _body.Set(Found, 0);
            _body.Set(_high, node.Load32(Count));
            _body.While(Place.Below(_high), () =>
            {
                _body.Set(_middle, (Place + _high) >>> 1);
                _body.Set(_at, _maps.EntryAt(node, _middle));
                WriteOrder();
                _body.If(!_order, () =>
                {
                    _body.Set(Found, 1);
                    _body.Set(Place, _middle);
                    _body.Set(_high, _middle);
                }, () => _body.If(
                    _order < 0, () => _body.Set(Place, _middle + 1), () => _body.Set(_high, _middle)));
            });
        }

        // Which way a search goes cannot be foretold, and a number is compared faster than a branch is guessed wrong.
        private void WriteStraight(Variable node)
        {
            _body.Set(Place, 0);
            _body.Set(_high, node.Load32(Count));
            _body.While(_high.Get().Above(1), () =>
            {
                _body.Set(_middle, _high >>> 1);
                _body.Set(_at, _maps.EntryAt(node, Place + _middle));
                _body.Set(Place, Place + (IsLess(_at - _maps._stride) * _middle));
                _body.Set(_high, _high - _middle);
            });
            // What is left is one entry, or none in an empty block. What is read behind the last key lies in the block.
            _body.Set(_at, _maps.EntryAt(node, Place));
            _body.Set(Place, Place + (IsLess(_at) & _high));
            _body.Set(Found, Place.Below(node.Load32(Count)) & _maps.EntryAt(node, Place).Load64().Is(_key));
        }

        private Term IsLess(Term at) => at.Load64() < _key;

        private void WriteOrder()
        {
            if (_prefix is null)
            {
                _body.Set(_order, _maps._values.Compare(_maps._key, Values.Load(_maps._key, _at), _key));
                return;
            }

            _body.If(
                _at.Load64().Is(_prefix),
                () => _body.Set(_order, _maps._values.Texts.Compare.Call(_at.Load64(8), _key)),
                () => _body.Set(_order, Term.Select(_at.Load64().Below(_prefix), -1, 1)));
        }
    }
}
