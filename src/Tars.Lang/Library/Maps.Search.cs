using Tars.Lang.Emitting.Writing;

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
