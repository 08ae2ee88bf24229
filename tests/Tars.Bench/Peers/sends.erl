%% The counterpart of SendBench in Erlang/OTP: casts to and calls of a gen_server that keeps one record in a map.
%% Usage: escript-free; erl -noshell -s sends main COUNT ROUNDS. One line a figure: kind, messages, nanoseconds each.
-module(sends).
-behaviour(gen_server).
-export([main/1, init/1, handle_cast/2, handle_call/3]).
-record(item, {n, value}).

main([CountText, RoundsText]) ->
    Count = list_to_integer(atom_to_list(CountText)),
    Rounds = list_to_integer(atom_to_list(RoundsText)),
    {ok, Sink} = gen_server:start_link(?MODULE, [], []),
    [begin
        report(cast, Count, fun() -> casts(Sink, Count), Count = gen_server:call(Sink, count, infinity) end),
        report(call, Count div 10, fun() -> calls(Sink, Count div 10) end),
        report(spawn, Count div 10, fun() -> spawns(Count div 10) end)
     end || _ <- lists:seq(1, Rounds)],
    halt().

report(Kind, Count, Work) ->
    erlang:garbage_collect(),
    {Time, _} = timer:tc(Work),
    io:format("~s ~w ~w~n", [Kind, Count, Time * 1000 div Count]).

casts(_, 0) -> ok;
casts(Sink, N) ->
    gen_server:cast(Sink, {put, #item{n = N, value = N * 3}}),
    casts(Sink, N - 1).

calls(_, 0) -> ok;
calls(Sink, N) ->
    N = gen_server:call(Sink, {same, N}),
    calls(Sink, N - 1).

spawns(0) -> ok;
spawns(N) ->
    {Child, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, Child, _} -> spawns(N - 1) end.

init([]) -> {ok, {0, #{}}}.

handle_cast({put, #item{n = N} = Item}, {Count, Items}) ->
    {noreply, {Count + 1, Items#{N rem 1000 => Item}}}.

handle_call({same, N}, _, State) -> {reply, N, State};
handle_call(count, _, {Count, _}) -> {reply, Count, {0, #{}}}.
