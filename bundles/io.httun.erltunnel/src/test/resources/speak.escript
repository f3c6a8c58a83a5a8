%% SPDX-License-Identifier: Apache-2.0
%% Erlang's own encoder and decoder at the other end: "client PORT TARGET" or "server".
main(["client", Port, Target]) ->
    {ok, S} = gen_tcp:connect({127,0,0,1}, list_to_integer(Port), [binary, {active, false}]),
    {ok, Id} = ask(S, {open, {{127,0,0,1}, list_to_integer(Target)}}),
    {data, Id, Got} = ask(S, {data, Id, <<"hello">>}),
    {close, Id} = ask(S, {close, Id}),
    {error, closed} = gen_tcp:recv(S, 0, 5000),
    io:format("got ~s~n", [Got]);
main(["server"]) ->
    {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}, {reuseaddr, true}]),
    {ok, Port} = inet:port(L),
    io:format("~p~n", [Port]),
    serve(L).

ask(S, Term) ->
    Body = term_to_binary(Term),
    ok = gen_tcp:send(S, ["POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Erlang-Client\r\nContent-Length: ",
        integer_to_list(size(Body)), "\r\n\r\n", Body]),
    binary_to_term(body(S), [safe]).

%% Echoes what comes; the ids are of the kind that needs eight bytes.
serve(L) ->
    {ok, S} = gen_tcp:accept(L),
    loop(S),
    serve(L).

loop(S) ->
    case (catch binary_to_term(body(S))) of
        {open, {{127,0,0,1}, 1}} -> answer(S, error), gen_tcp:close(S);
        {open, _} -> answer(S, {ok, 16#7fffffffffffffff}), loop(S);
        {data, Id, Bytes} -> answer(S, {data, Id, Bytes}), loop(S);
        {close, Id} -> answer(S, {close, Id}), gen_tcp:close(S);
        _ -> gen_tcp:close(S)
    end.

answer(S, Term) ->
    Body = term_to_binary(Term),
    gen_tcp:send(S, ["HTTP/1.1 200 OK\r\nContent-Length: ", integer_to_list(size(Body)), "\r\n\r\n"]),
    gen_tcp:send(S, Body).

body(S) -> body(S, <<>>).
body(S, Head) ->
    case binary:split(Head, <<"\r\n\r\n">>) of
        [H, Rest] ->
            {match, [N]} = re:run(H, "Content-Length: ([0-9]+)", [{capture, all_but_first, list}]),
            rest(S, Rest, list_to_integer(N));
        _ ->
            {ok, More} = gen_tcp:recv(S, 0, 20000),
            body(S, <<Head/binary, More/binary>>)
    end.

rest(_, Body, N) when size(Body) >= N -> binary:part(Body, 0, N);
rest(S, Body, N) -> {ok, More} = gen_tcp:recv(S, 0, 20000), rest(S, <<Body/binary, More/binary>>, N).
